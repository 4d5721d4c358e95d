"""The part of SARIF 2.1.0 that we write, as typed data.

A field with a default is left out of the document where it has that default; one without is
always written. Properties that the standard lets be absent, but GitHub demands, have none.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from sessionzero.findings import Level
from sessionzero.report import Precision

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


class _Object(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Base of all: SARIF spells its properties in camel case."""


# --- Text and places --------------------------------------------------------------------------


class Message(_Object, frozen=True):
    """A text for people; ``[text](1)`` links to the related location with id 1."""

    text: str


class Help(_Object, frozen=True):
    """A text for people in two forms."""

    text: str
    markdown: str


class Snippet(_Object, frozen=True):
    """The text of a region."""

    text: str


class Region(_Object, frozen=True):
    """A range of a file, 1-based, end exclusive; columns in the run's ``columnKind``."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    snippet: Snippet | None = None


class LineRegion(_Object, frozen=True):
    """Whole lines of a file, the last included."""

    start_line: int
    end_line: int
    snippet: Snippet


class ArtifactLocation(_Object, frozen=True):
    """A file: a URI, relative to ``uriBaseId`` if that is given."""

    uri: str
    uri_base_id: str = ""


class PhysicalLocation(_Object, frozen=True):
    """A file or a range of it."""

    artifact_location: ArtifactLocation
    region: Region | None = None
    context_region: LineRegion | None = None


class LogicalLocation(_Object, frozen=True):
    """A part of the program by name."""

    fully_qualified_name: str
    kind: str


class Location(_Object, frozen=True):
    """A place; ``id`` is above 0 where a message links to it."""

    physical_location: PhysicalLocation
    id: int = 0
    logical_locations: tuple[LogicalLocation, ...] = ()
    message: Message | None = None


# --- Rules ------------------------------------------------------------------------------------


class ReportingConfiguration(_Object, frozen=True):
    """How a rule reports unless told otherwise."""

    level: Level


class RuleProperties(_Object, frozen=True):
    """What GitHub reads of a rule beyond the standard; ``security-severity`` must be a string."""

    tags: tuple[str, ...]
    precision: Precision
    problem_severity: str = field(name="problem.severity")
    security_severity: str = field(name="security-severity", default="")


class ToolComponentReference(_Object, frozen=True):
    """A taxonomy of the run, by name and index."""

    name: str
    index: int


class DescriptorReference(_Object, frozen=True):
    """An entry of a taxonomy."""

    id: str
    tool_component: ToolComponentReference


class Relationship(_Object, frozen=True):
    """How a rule relates to an entry of a taxonomy."""

    target: DescriptorReference
    kinds: tuple[str, ...]


class Rule(_Object, frozen=True):
    """A reportingDescriptor of the driver."""

    id: str
    name: str
    short_description: Message
    full_description: Message
    help: Help
    default_configuration: ReportingConfiguration
    properties: RuleProperties
    help_uri: str = ""
    relationships: tuple[Relationship, ...] = ()


class Taxon(_Object, frozen=True):
    """An entry of a taxonomy."""

    id: str
    name: str
    help_uri: str


class Taxonomy(_Object, frozen=True):
    """A classification that the rules refer to."""

    name: str
    organization: str
    short_description: Message
    information_uri: str
    taxa: tuple[Taxon, ...]


class Driver(_Object, frozen=True):
    """The tool and its rules."""

    name: str
    full_name: str
    semantic_version: str
    information_uri: str
    rules: tuple[Rule, ...]
    supported_taxonomies: tuple[ToolComponentReference, ...] = ()


class Tool(_Object, frozen=True):
    """The tool."""

    driver: Driver


# --- Results ----------------------------------------------------------------------------------


class ThreadFlowLocation(_Object, frozen=True):
    """A step; ``nesting_level`` indents it in viewers and is written even when it is 0."""

    location: Location
    nesting_level: int
    importance: str


class ThreadFlow(_Object, frozen=True):
    """Steps in order."""

    locations: tuple[ThreadFlowLocation, ...]


class CodeFlow(_Object, frozen=True):
    """A way through the program."""

    thread_flows: tuple[ThreadFlow, ...]


class PartialFingerprints(_Object, frozen=True):
    """What makes a result the same in the next run."""

    sessionzero: str = field(name="sessionzero/v1")
    primary_location_line_hash: str = ""


class ResultProperties(_Object, frozen=True):
    """What SARIF has no property for."""

    confidence: str


class Suppression(_Object, frozen=True):
    """Why a result needs no action, as its source says."""

    kind: Literal["inSource"]
    justification: str


class ArtifactContent(_Object, frozen=True):
    """A text that goes into a file; written even if it is empty."""

    text: str


class Replacement(_Object, frozen=True):
    """What stands in a region, replaced by a text."""

    deleted_region: Region
    inserted_content: ArtifactContent


class ArtifactChange(_Object, frozen=True):
    """All replacements in one file."""

    artifact_location: ArtifactLocation
    replacements: tuple[Replacement, ...]


class Fix(_Object, frozen=True):
    """Changes that belong together, and what they do."""

    description: Message
    artifact_changes: tuple[ArtifactChange, ...]


class Result(_Object, frozen=True):
    """A finding; ``baseline_state`` says whether it is older than the baseline."""

    rule_id: str
    rule_index: int
    level: Level
    message: Message
    locations: tuple[Location, ...]
    partial_fingerprints: PartialFingerprints
    properties: ResultProperties
    related_locations: tuple[Location, ...] = ()
    code_flows: tuple[CodeFlow, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    fixes: tuple[Fix, ...] = ()
    baseline_state: Literal["", "new", "unchanged"] = ""


# --- The run ----------------------------------------------------------------------------------


class Notification(_Object, frozen=True):
    """What went wrong in the run without being a result."""

    level: Level
    message: Message
    locations: tuple[Location, ...] = ()


class Invocation(_Object, frozen=True):
    """How the run went."""

    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class BaseLocation(_Object, frozen=True):
    """What relative URIs are relative to, in words: an address would differ per machine."""

    description: Message


class AutomationDetails(_Object, frozen=True):
    """The category of the run: GitHub takes what stands before the last slash."""

    id: str


class Run(_Object, frozen=True):
    """The one run of a document."""

    tool: Tool
    automation_details: AutomationDetails
    column_kind: str
    original_uri_base_ids: dict[str, BaseLocation]
    invocations: tuple[Invocation, ...]
    results: tuple[Result, ...]
    taxonomies: tuple[Taxonomy, ...] = ()


class Log(_Object, frozen=True):
    """A SARIF document."""

    schema: str = field(name="$schema")
    version: str
    runs: tuple[Run, ...]
