"""Who may open what a call creates, in words.

Sources: "Security descriptors", "DACLs and ACEs" and CreateNamedPipe (learn.microsoft.com): the
default descriptor of a kernel object comes from the creator's token, and that of LocalSystem lets
in SYSTEM and administrators; the one of a pipe lets everyone read, and its creator, SYSTEM and
administrators do all.
"""

from __future__ import annotations

from sessionzero.link.security.made_descriptors import Descriptor
from sessionzero.sddl import Vocabulary

_DEFAULT = "the default access list of its creator; of LocalSystem: SYSTEM and administrators only"
_DEFAULT_OF_PIPE = (
    "the default access list of pipes: SYSTEM, administrators and the creator may do everything, "
    "everyone else may only read"
)
_BUILT = "a list that the program builds, and that isn't known"
_UNKNOWN = "not known"
_KINDS = {"mailslot": "file", "shared-memory": "file"}  # whose rights they have


def access_words(descriptor: Descriptor, kind: str, vocabulary: Vocabulary) -> str:
    """Whom a descriptor lets in, and to do what."""
    if descriptor.kind == "default":
        return _DEFAULT_OF_PIPE if kind == "pipe" else _DEFAULT
    said = descriptor.words(_KINDS.get(kind, kind), vocabulary)
    if said or descriptor.kind != "sddl":
        return said or (_BUILT if descriptor.kind == "built" else _UNKNOWN)
    return ", or ".join(dict.fromkeys(known.text for known in descriptor.sddl)) or _UNKNOWN
