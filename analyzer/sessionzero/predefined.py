"""What the preprocessor knows before the first line, when the target is Windows 10 and Unicode."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

UNKNOWN: Final = "defined, value unknown"
ABSENT: Final = "not defined"
Definition = int | str  # a value, UNKNOWN or ABSENT
Definitions = dict[str, Definition]

_WINDOWS_10 = 0x0A00

# https://learn.microsoft.com/cpp/preprocessor/predefined-macros and sdkddkver.h; the names after
# them are set by Visual Studio projects, Qt and wxWidgets whenever the target is Windows.
# _WIN64 stays unknown: a service is built for either.
_TRUE: Definitions = {
    "_WIN32": 1,
    "WIN32": 1,
    "__WIN32": 1,
    "__WIN32__": 1,
    "_WINDOWS": 1,
    "WINNT": 1,
    "_MSC_VER": 1930,
    "_MSC_FULL_VER": 193000000,
    "_MSC_EXTENSIONS": 1,
    "UNICODE": 1,
    "_UNICODE": 1,
    "WINVER": _WINDOWS_10,
    "_WIN32_WINNT": _WINDOWS_10,
    "_WIN32_IE": _WINDOWS_10,
    "NTDDI_VERSION": 0x0A000000,
    "HAVE_WINDOWS_H": 1,
    "Q_OS_WIN": UNKNOWN,
    "Q_OS_WIN32": UNKNOWN,
    "Q_OS_WINDOWS": UNKNOWN,
    "__WXMSW__": UNKNOWN,
}

_VERSIONS: Definitions = {
    "_WIN32_WINNT_NT4": 0x0400,
    "_WIN32_WINNT_WIN2K": 0x0500,
    "_WIN32_WINNT_WINXP": 0x0501,
    "_WIN32_WINNT_WS03": 0x0502,
    "_WIN32_WINNT_VISTA": 0x0600,
    "_WIN32_WINNT_LONGHORN": 0x0600,
    "_WIN32_WINNT_WS08": 0x0600,
    "_WIN32_WINNT_WIN6": 0x0600,
    "_WIN32_WINNT_WIN7": 0x0601,
    "_WIN32_WINNT_WIN8": 0x0602,
    "_WIN32_WINNT_WINBLUE": 0x0603,
    "_WIN32_WINNT_WIN10": _WINDOWS_10,
    "NTDDI_WIN2K": 0x05000000,
    "NTDDI_WINXP": 0x05010000,
    "NTDDI_WS03": 0x05020000,
    "NTDDI_VISTA": 0x06000000,
    "NTDDI_LONGHORN": 0x06000000,
    "NTDDI_WS08": 0x06000100,
    "NTDDI_WIN7": 0x06010000,
    "NTDDI_WIN8": 0x06020000,
    "NTDDI_WINBLUE": 0x06030000,
    "NTDDI_WIN10": 0x0A000000,
}

_OTHER_SYSTEMS = (
    "linux __linux __linux__ __gnu_linux__ __ANDROID__ ANDROID unix __unix __unix__ __APPLE__ "
    "__MACH__ macintosh __DARWIN__ __FreeBSD__ __NetBSD__ __OpenBSD__ __DragonFly__ __bsdi__ sun "
    "__sun __sun__ __svr4__ __SVR4 hpux __hpux __hpux__ _AIX __osf__ sgi __sgi __QNX__ __QNXNTO__ "
    "__HAIKU__ __BEOS__ __minix __VMS __vms VMS __OS2__ OS2 MSDOS __MSDOS__ __DOS__ __EMSCRIPTEN__ "
    "__CYGWIN__ __CYGWIN32__ __MSYS__ _WIN32_WCE UNDER_CE _WINCE WINCE __MINGW32CE__ Q_OS_WINCE "
    "_WIN16 __wasi__ __GLIBC__ Q_OS_LINUX "
    "Q_OS_UNIX Q_OS_MAC Q_OS_MACOS Q_OS_MACX Q_OS_OSX Q_OS_DARWIN Q_OS_FREEBSD Q_OS_ANDROID "
    "__WXGTK__ __WXMAC__ __WXOSX__ __WXX11__ "
    # What configure scripts define that name the system they run on HAVE_<system>_OS.
    "HAVE_LINUX_OS HAVE_DARWIN_OS HAVE_SUN_OS HAVE_FREEBSD_OS HAVE_NETBSD_OS HAVE_OPENBSD_OS "
    "HAVE_AIX_OS HAVE_HPUX_OS HAVE_IRIX_OS HAVE_OSF1_OS HAVE_BSDI_OS HAVE_QNX_OS"
)
# Programs that read C without compiling it.
_OTHER_READERS = "RC_INVOKED Q_MOC_RUN SWIG lint __lint __MIDL_PASS __DOXYGEN__ DOXYGEN"


def predefined(*, cplusplus: bool) -> Definitions:
    """A fresh table of macros for a file of that language."""
    return _known(cplusplus).copy()


@lru_cache
def _known(cplusplus: bool) -> Definitions:
    absent = dict.fromkeys((_OTHER_SYSTEMS + " " + _OTHER_READERS).split(), ABSENT)
    language = {"__cplusplus": 202002 if cplusplus else ABSENT}
    return {**_TRUE, **_VERSIONS, **absent, **language}
