"""Registry keys as scripts write them: ``HKLM:\\SYSTEM\\…``, a root and a path apart."""

from __future__ import annotations

import re

from sessionzero.installation.actions import Action

# The machine's hive in the words of the formats: 2 is that of Windows Installer's tables.
_MACHINE = re.compile(
    r"(?:(?:microsoft\.powershell\.core\\)?registry::?)?(?:\\\\[^\\]+\\)?"
    r"(?:hkey_local_machine|hklm(?:32|64|_32|_64)?|hkmu|2|-2147483646|&h80000002):?\\+",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"system\\(?:currentcontrolset|controlset\d{3})\\services\\+([^\\]+)\\*\Z", re.I
)
_WRAPPED = re.compile(
    r"system\\(?:currentcontrolset|controlset\d{3})\\services\\+([^\\]+)\\+parameters\\*\Z", re.I
)
_POLICY = re.compile(r"system\\(?:currentcontrolset|controlset\d{3})\\control\\windows\\*\Z", re.I)


def value_of(action: Action) -> tuple[str, str]:
    """The key below the machine's hive that an action writes to, and the name of the value; both
    empty if they aren't below it, or not known."""
    path = action.text("path")
    if path:
        key, _, name = path.rpartition("\\")
    else:
        key, name = _joined(action), action.text("name")
    match = _MACHINE.match(key)
    return (key[match.end() :], name) if match else ("", "")


def _joined(action: Action) -> str:
    roots = [given.text for given in action.all("root")]
    subkeys = [given.text.strip("\\") for given in reversed(action.all("subkey"))]
    return "\\".join([*roots[:1], *(key for key in subkeys if key)]) or action.text("key")


def service_of(key: str) -> str:
    """The service whose key it is, below the machine's hive; empty if it is none."""
    match = _SERVICE.match(key)
    return match[1] if match else ""


def wrapped_service_of(key: str) -> str:
    """The service whose ``Parameters`` it is, below the machine's hive: there srvany and NSSM look
    up the program that they run."""
    match = _WRAPPED.match(key)
    return match[1] if match else ""


def is_windows_policy(key: str) -> bool:
    """Whether it is the key that holds NoInteractiveServices."""
    return _POLICY.match(key) is not None
