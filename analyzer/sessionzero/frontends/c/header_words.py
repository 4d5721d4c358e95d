"""Words of Windows headers and frameworks that stand where the C and C++ grammars expect none.

None of them changes what a function does; they only hinder the parser. Sources: sal.h and the older
specstrings.h, minwindef.h, combaseapi.h, and the headers of MFC, ATL, Qt and wxWidgets.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


BLANKED = _words(
    # calling conventions that are macros, and spellings that the grammars lack
    "WINAPI WINAPIV CALLBACK CALLBACKV APIENTRY APIPRIVATE PASCAL NTAPI CDECL WSAAPI WSPAPI "
    "STDMETHODCALLTYPE STDMETHODVCALLTYPE STDAPICALLTYPE STDAPIVCALLTYPE RPC_ENTRY "
    "NET_API_FUNCTION SQL_API JNICALL _cdecl _stdcall _fastcall __pascal __export _export __huge "
    # the C++ grammar knows these, but not in the declaration of a function alone
    "__cdecl __stdcall __fastcall __thiscall __vectorcall __clrcall "
    "__RPC_FAR __RPC_API __RPC_USER __RPC_STUB __RPC_CALLEE FAR NEAR _far __far UNALIGNED "
    "__unaligned __w64 "
    # linkage and inlining
    "EXTERN_C FORCEINLINE CFORCEINLINE WINBASEAPI WINUSERAPI WINADVAPI WINGDIAPI WINSHELLAPI "
    "NTSYSAPI NTSYSCALLAPI NTKERNELAPI RPCRTAPI WINSOCK_API_LINKAGE _CRTIMP _CRTIMP2 _ACRTIMP "
    "_DCRTIMP "
    # older annotations without arguments
    "__callback __checkReturn __format_string __reserved __null __notnull __maybenull "
    "__nullterminated __nullnullterminated __refparam __valid __notvalid __readonly "
    # MFC, Boost and Qt
    "afx_msg AFX_DATA AFX_CDECL AFXAPI BOOST_NOEXCEPT Q_DECL_OVERRIDE Q_DECL_FINAL "
    "Q_DECL_NOTHROW Q_DECL_NOEXCEPT Q_DECL_CONSTEXPR Q_INVOKABLE Q_SCRIPTABLE Q_REQUIRED_RESULT "
    "Q_EMIT"
)

WITH_ARGUMENTS = _words(
    "__declspec __pragma _Pragma __success __control_entrypoint __typefix __allowed "
    "__analysis_assume_lock_acquired DECLSPEC_ALIGN DECLSPEC_UUID DECLSPEC_NOVTABLE "
    "DECLSPEC_NOINLINE DECLSPEC_NORETURN DECLSPEC_IMPORT DECLSPEC_EXPORT DECLSPEC_SELECTANY "
    "DECLSPEC_DEPRECATED DECLSPEC_NOTHROW DECLSPEC_CACHEALIGN DECLSPEC_ALLOCATOR "
    "DECLSPEC_RESTRICT DECLSPEC_XFGVIRT DECLSPEC_NOSANITIZE"
)
"""Blanked together with a bracketed argument list, if one follows directly."""

SAME_MEANING = {
    b"CONST": b"const",
    b"INLINE": b"inline",
    b"Q_SIGNALS": b"public   ",
}

ANNOTATION = re.compile(
    # sal.h: _In_, _Out_writes_bytes_(n), _Success_(expr) … begin and end with an underscore
    rb"_(?:In|Out|Inout|COM_Outptr|Outptr|Outref|Ret|Result|Deref|Pre|Post|Prepost|Success|Must|"
    rb"Check|When|At|Field|Struct|Null|Notnull|Maybenull|Valid|Notvalid|Readable|Writable|Return|"
    rb"Use|IRQL|Requires|Acquires|Releases|Guarded|Has|Create|Benign|No|Interlocked|Points|Frees|"
    rb"Reserved|Printf|Scanf|Format|Function|Kernel|Dispatch|Analysis|Const|Strict|Literal|Group|"
    rb"On|Always|Raises|Maybe|Enum|Called|Inexpressible|Translates|Flt|Unchanged)"
    rb"\w{0,60}_"
    # specstrings.h: __in, __out_ecount(n), __deref_opt_out_bcount(n) …; driver and RPC annotations
    rb"|__(?:in|out|inout|deref|ecount|bcount|xcount|post|pre|range|field|blocksOn|struct_bcount|"
    rb"(?:byte|elem)_(?:readable|writable)To)"
    rb"(?:_\w{1,60})?"
    rb"|__(?:drv|RPC_|RPC__)\w{1,60}"
)
"""Annotations of parameters and functions; blanked with their arguments."""

BARE_ANNOTATIONS = frozenset((b"IN", b"OUT", b"OPTIONAL", b"INOUT", b"_IN_", b"_OUT_"))
"""Annotations only where two names meet: anywhere else the same words are constants."""

LITERAL_WRAPPERS = (
    b"TEXT",
    b"_T",
    b"__T",
    b"_TEXT",
    b"__TEXT",
    b"OLESTR",
    b"_CRT_WIDE",
    b"wxT",
    b"wxS",
)
"""Macros that only choose the character type of a literal."""

STATEMENT_BREAKS = re.compile(
    rb"(?:\w*_)?(?:BEGIN|END|START|STOP|PUSH|POP)(?:_\w*)?|(?:BEGIN|END)\w*"
    rb"|Q_OBJECT|Q_GADGET|\w+_DECLS"
)
"""Macros that stand alone on a line and expand to something whole or to nothing."""
