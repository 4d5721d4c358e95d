"""The judges of SARIF: Microsoft's multitool, the official schema, and what both of them miss."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_TOOLS = Path(__file__).parent / "tools"
_SYSTEM = {"linux": "linux", "darwin": "darwin", "win32": "win32"}[sys.platform]
_PACKAGE = _TOOLS / "node_modules" / "@microsoft" / f"sarif-multitool-{_SYSTEM}"
_PROGRAM = _PACKAGE / ("Sarif.Multitool.exe" if _SYSTEM == "win32" else "Sarif.Multitool")
_SCHEMA = _PACKAGE / "sarif-2.1.0.json"
_LINK = re.compile(r"(?<!\\)\]\((\d+)\)")
_LINE_HASH = re.compile(r"[0-9a-f]{1,16}:[1-9][0-9]*")


def multitool_problems(logs: Mapping[str, str], directory: Path) -> dict[str, list[str]]:
    """What the multitool finds wrong in each log by the rules of SARIF and of GitHub.

    Its exit code is 0 whatever it finds: the answer is read from its own log.
    """
    files = _written(logs, directory)
    answer = directory / "answer.json"
    kinds = ("--rule-kind", "Sarif;Ghas", "--level", "Error;Warning")
    config = ("--config", str(_TOOLS / "multitool.xml"))
    printed = _multitool("validate", *files.values(), *kinds, *config, "--output", str(answer))
    assert f"Done. {len(logs)} files scanned." in printed, printed
    problems: dict[str, list[str]] = {name: [] for name in logs}
    (run,) = json.loads(answer.read_text(encoding="utf-8-sig"))["runs"]
    for result in run.get("results", []):
        place = result["locations"][0]["physicalLocation"]
        name = Path(place["artifactLocation"]["uri"]).stem
        problems[name].append(f"{result['ruleId']} {result['message'].get('arguments')}")
    return problems


def multitool_line_hashes(log: str, directory: Path) -> list[str]:
    """The ``primaryLocationLineHash`` of each result as the multitool computes it.

    ``directory`` holds the sources.
    """
    document = json.loads(log)
    (run,) = document["runs"]
    run["originalUriBaseIds"]["SRCROOT"]["uri"] = directory.as_uri() + "/"
    for result in run["results"]:
        del result["partialFingerprints"]
    bare, hashed = directory / "bare.sarif", directory / "hashed.sarif"
    bare.write_text(json.dumps(document), encoding="utf-8")
    insert = ("--insert", "RollingHashPartialFingerprints")
    _multitool("rewrite", str(bare), *insert, "--output", str(hashed))
    (run,) = json.loads(hashed.read_text(encoding="utf-8-sig"))["runs"]
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]


def schema_problems(logs: Mapping[str, str], directory: Path) -> list[str]:
    """What the official JSON schema says against the logs; nothing if they are valid."""
    _installed()
    files = _written(logs, directory)
    command = (sys.executable, "-m", "check_jsonschema", "--schemafile", str(_SCHEMA))
    done = subprocess.run((*command, *files.values()), capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [done.stdout + done.stderr]


def unseen_problems(log: Json) -> list[str]:
    """What GitHub rejects, mangles or warns of, though both other judges let it pass."""
    runs = log["runs"]
    if len(runs) != 1:
        return [f"{len(runs)} runs: GitHub rejects two of one category"]
    (run,) = runs
    rules = run["tool"]["driver"]["rules"]
    return [
        *(problem for rule in rules for problem in _rule_problems(rule)),
        *(problem for result in run["results"] for problem in _result_problems(result, rules)),
        *_uri_problems(run),
        *_empty_strings(run, "run"),
    ]


def _rule_problems(rule: Json) -> Iterator[str]:
    properties = rule["properties"]
    severity = properties.get("security-severity", "1.0")
    if not isinstance(severity, str):
        yield f"{rule['id']}: security-severity is no string"
    elif not re.fullmatch(r"\d+\.\d+", severity) or not 0 < float(severity) <= 10:
        yield f"{rule['id']}: security-severity {severity} is no number in (0, 10]"
    if len(properties["tags"]) > 10:
        yield f"{rule['id']}: GitHub keeps 10 tags"
    for key in ("shortDescription", "fullDescription"):
        if len(rule[key]["text"]) > 1024:
            yield f"{rule['id']}: {key} is longer than 1,024 characters"
    if len(rule["name"]) > 255:
        yield f"{rule['id']}: the name is longer than 255 characters"


def _result_problems(result: Json, rules: list[Json]) -> Iterator[str]:
    if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        yield f"{result['ruleId']} is not the rule at its ruleIndex"
    prints = result.get("partialFingerprints", {})
    if not _LINE_HASH.fullmatch(prints.get("primaryLocationLineHash", "0:1")):
        yield "primaryLocationLineHash is not a hash and a number"
    if not prints.get("sessionzero/v1"):
        yield "no fingerprint of our own"
    text = result["message"]["text"]
    if not text.endswith("."):
        yield f"the message does not end with a full stop: {text}"
    known = {location.get("id") for location in result.get("relatedLocations", [])}
    for link in _LINK.findall(text):
        if int(link) not in known:
            yield f"the message links to {link}, which is no related location"
    region = result["locations"][0]["physicalLocation"]["region"]
    missing = {"startLine", "startColumn", "endLine", "endColumn"} - region.keys()
    if missing:
        yield f"the region has no {', '.join(sorted(missing))}"


def _uri_problems(run: Json) -> Iterator[str]:
    bases = run["originalUriBaseIds"]
    for location in _values(run, "artifactLocation"):
        base = location.get("uriBaseId")
        absolute = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", location["uri"])
        if base is not None and base not in bases:
            yield f"uriBaseId {base} is not declared"
        if absolute and base is not None:
            yield f"{location['uri']} is absolute and has a uriBaseId"
        if not absolute and base is None:
            yield f"{location['uri']} is relative to nothing"
        if not re.fullmatch(r"[A-Za-z0-9._~/%:-]+", location["uri"]):
            yield f"{location['uri']} is not percent-encoded"


def _values(node: object, key: str) -> Iterator[Json]:
    """Every value of a property called ``key`` anywhere below ``node``."""
    if isinstance(node, dict):
        if key in node:
            yield node[key]
        for child in node.values():
            yield from _values(child, key)
    elif isinstance(node, list):
        for child in node:
            yield from _values(child, key)


def _empty_strings(node: object, where: str) -> Iterator[str]:
    """GitHub accepts no empty string in a property that it reads."""
    if node == "":
        yield f"{where} is empty"
    elif isinstance(node, dict):
        for key, child in node.items():
            yield from _empty_strings(child, key)
    elif isinstance(node, list):
        for child in node:
            yield from _empty_strings(child, where)


def _written(logs: Mapping[str, str], directory: Path) -> dict[str, str]:
    paths = {}
    for name, log in logs.items():
        path = directory / f"{name}.sarif"
        path.write_text(log, encoding="utf-8")
        paths[name] = str(path)
    return paths


def _installed() -> None:
    assert _PROGRAM.exists(), "the SARIF multitool is missing: run npm ci --prefix tests/tools"


def _multitool(*arguments: str) -> str:
    _installed()
    if not os.access(_PROGRAM, os.X_OK):
        _PROGRAM.chmod(0o755)  # npm may not run the package's script that does this
    command = (str(_PROGRAM), *arguments, "--log", "ForceOverwrite")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
