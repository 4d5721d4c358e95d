"""What the calls that make a security descriptor make of it.

Sources: "Security descriptors" and SetSecurityDescriptorDacl (learn.microsoft.com/windows/win32/
secauthz): present TRUE with a NULL dacl lets everyone in; without a descriptor, or with one that
has no DACL, the default of the process's token applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from sessionzero.access import OBJECT, in_words
from sessionzero.facts import Expr
from sessionzero.knowledge.catalog import Api, argument
from sessionzero.link.files.index import ProgramIndex
from sessionzero.link.files.scopes import Frame, bind, scope_of
from sessionzero.link.files.units import CallSite, Func, Spot
from sessionzero.link.names.callees import Callees
from sessionzero.link.security.acls import Acls
from sessionzero.link.values.lattice import Known
from sessionzero.link.values.values import Values
from sessionzero.sddl import Acl, Security, Vocabulary, decode

Kind = Literal["default", "null-dacl", "sddl", "built", "unknown"]


class Form(Struct, frozen=True):
    """One descriptor that the object can get: what it says, the SDDL that it is made of, if it is,
    and where each entry of its DACL is written."""

    security: Security
    text: Known | None = None
    spots: tuple[Spot, ...] = ()


class Descriptor(Struct, frozen=True):
    """A security descriptor. ``sddl`` are the texts that it can be made of, ``places`` the calls
    that make it what it is, ``forms`` what it says, as far as that is known."""

    kind: Kind
    sddl: tuple[Known, ...] = ()
    places: tuple[Spot, ...] = ()
    forms: tuple[Form, ...] = ()

    def words(self, kind: str, vocabulary: Vocabulary) -> str:
        """Who may do what with an object of a kind; empty if it isn't known."""
        said = (in_words(form.security, kind or OBJECT, vocabulary) for form in self.forms)
        return ", or ".join(dict.fromkeys(said))


UNKNOWN_DESCRIPTOR = Descriptor("unknown")
DEFAULT = Descriptor("default", forms=(Form(Security()),))


class Maker(Struct, frozen=True):
    """A call that makes a descriptor what it is; in the function of an object, perhaps, that
    another call has ``made``."""

    site: CallSite
    api: Api
    made: CallSite | None = None


class MadeDescriptors:
    """Reads SDDL and lists as far as the calls say them."""

    def __init__(
        self,
        index: ProgramIndex,
        callees: Callees,
        values: Values,
        acls: Acls,
        vocabulary: Vocabulary,
    ) -> None:
        self._index = index
        self._callees = callees
        self._values = values
        self._acls = acls
        self._words = vocabulary

    def of(self, makers: Sequence[Maker]) -> Descriptor | None:
        """What the calls make of the descriptor; None if none of them gives it a DACL."""
        label = self._label(makers)
        texts = [maker for maker in makers if maker.api.kind == "sddl"]
        if texts:
            return self._of_texts(texts)
        lists = [maker for maker in makers if maker.api.kind == "dacl"]
        if not lists:
            return None
        found = [self._of_list(maker, label) for maker in lists]
        kinds = {descriptor.kind for descriptor in found}
        forms = tuple(form for descriptor in found for form in descriptor.forms)
        places = tuple(place for descriptor in found for place in descriptor.places)
        if len(kinds) > 1:
            return Descriptor("unknown", (), places)
        return Descriptor(found[0].kind, (), places, tuple(dict.fromkeys(forms)))

    def _of_texts(self, makers: Sequence[Maker]) -> Descriptor:
        places = tuple(self._spot(maker.site) for maker in makers)
        texts = tuple(
            dict.fromkeys(
                known
                for maker in makers
                if (expr := self._argument(maker, "sddl")) is not None
                for known in self._values.argument(maker.site, expr, self._frame(maker)).texts
            )
        )
        forms = []
        for known in texts:
            security = decode(known.text, self._words) if known.exact else None
            if isinstance(security, Security):
                count = len(security.dacl.aces) if security.dacl is not None else 0
                forms.append(Form(security, known, (places[0],) * count))
        if forms and len(forms) == len(texts) and all(f.security.dacl is None for f in forms):
            return Descriptor("default", texts, places, tuple(forms))
        return Descriptor("sddl", texts, places, tuple(forms))

    def _frame(self, maker: Maker) -> Frame | None:
        """What the constructor got that holds the call, if it is seen what made the object."""
        func = Func(maker.site.unit, self._index.call(maker.site).function)
        if maker.made is None or func not in self._callees.of(maker.made).functions:
            return None
        return Frame(func, bind(self._index, func, maker.made))

    def _of_list(self, maker: Maker, label: Acl | None) -> Descriptor:
        """``SetSecurityDescriptorDacl(sd, present, dacl, …)``."""
        places = (self._spot(maker.site),)
        scope = scope_of(self._index, maker.site)
        dacl, present = self._argument(maker, "dacl"), self._argument(maker, "present")
        if present is not None and self._values.fold(present, scope).is_null:
            return Descriptor("default", (), places, (Form(Security(sacl=label)),))
        if dacl is None:
            return Descriptor("unknown", (), places)
        if self._values.fold(dacl, scope).is_null:
            null = Security(dacl=Acl(null=True), sacl=label)
            return Descriptor("null-dacl", (), places, (Form(null),))
        built = self._acls.of(dacl, scope)
        if built is None:
            known = self._values.fold(dacl, scope).known
            sometimes = any(k.kind in ("null", "number") for k in known)
            return Descriptor("unknown" if sometimes else "built", (), places)
        security = Security(dacl=built.acl, sacl=label)
        return Descriptor("built", (), places, (Form(security, None, built.spots),))

    def _label(self, makers: Sequence[Maker]) -> Acl | None:
        """The list with the integrity label that ``SetSecurityDescriptorSacl`` puts in."""
        for maker in makers:
            sacl = self._argument(maker, "sacl") if maker.api.kind == "sacl" else None
            if sacl is not None:
                built = self._acls.of(sacl, scope_of(self._index, maker.site))
                if built is not None:
                    return built.acl
        return None

    def _argument(self, maker: Maker, role: str) -> Expr | None:
        return argument(maker.api, self._index.call(maker.site).arguments, role)

    def _spot(self, site: CallSite) -> Spot:
        call = self._index.call(site)
        return Spot(site.unit, call.function, call.start, call.end)
