"""What the engine hands to the rest of `ops`: resources in plain Python, and what a deployment came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

PropertyPath: TypeAlias = tuple[str | int, ...]
Severity: TypeAlias = Literal["debug", "info", "warning", "error"]

SECRET_MASK = "[secret]"  # noqa: S105 - what is shown in a secret's place
UNKNOWN_MASK = "[unknown]"


class EngineError(Exception):
    """The program cannot be started as asked; the message says what to change."""


class _Unknown:
    """The one value that stands for an output which only a real deployment would know."""

    def __repr__(self) -> str:
        return UNKNOWN_MASK

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file or an archive given to a resource: exactly one of `path`, `text`, `uri` and `assets` is set."""

    path: str | None = None
    text: str | None = None
    uri: str | None = None
    assets: Mapping[str, "Asset"] | None = None


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A resource as the program registered it, after transforms.

    `inputs` are plain Python under the provider's camelCase names, secrets unwrapped and unknowns as
    `UNKNOWN`; `secret_paths` says where in them the secrets are. `parent` and `provider` are URNs or None.
    """

    urn: str
    type: str
    name: str
    custom: bool
    parent: str | None
    provider: str | None
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    secret_paths: frozenset[PropertyPath] = frozenset()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    import_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Created:
    """A resource that a backend made: its id and its outputs, under the provider's camelCase names."""

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Resource(Registration):
    """A registration and what became of it.

    `status` is `planned` when nothing real was made, `created` when the backend made it, `read` when the
    program looked an existing one up. `outputs` are unmasked; `secret_outputs` names those that are secret.
    """

    id: str | None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    secret_outputs: frozenset[str] = frozenset()
    status: Literal["planned", "created", "read"] = "planned"


@dataclass(frozen=True)
class Diagnostic:
    """A message from the program, its SDK or the engine."""

    severity: Severity
    message: str
    urn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What one run of the program came to. `exit_code` is 0, or 1 with at least one `error` diagnostic."""

    project: str
    stack: str
    tier: str
    seconds: float
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any]
    secret_outputs: frozenset[PropertyPath]
    diagnostics: tuple[Diagnostic, ...]
    exit_code: int

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that made it fail."""
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error")


class Backend(Protocol):
    """Makes resources real. Calls come one at a time, in an order that respects dependencies."""

    def create(self, resource: Registration) -> Created | None:
        """Makes `resource`, or returns None to leave it planned. A raised exception fails the deployment."""
        ...

    def invoke(self, token: str, args: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Answers a provider function, or returns None to let the engine's own table answer."""
        ...


def masked(value: Any, secret_paths: frozenset[PropertyPath], path: PropertyPath = ()) -> Any:
    """`value` as JSON may show it: secrets, unknowns and assets replaced by text."""
    if path in secret_paths:
        return SECRET_MASK
    if value is UNKNOWN:
        return UNKNOWN_MASK
    if isinstance(value, Asset):
        return value.path or value.uri or ("[text]" if value.text is not None else sorted(value.assets or ()))
    if isinstance(value, Mapping):
        return {key: masked(item, secret_paths, (*path, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, secret_paths, (*path, index)) for index, item in enumerate(value)]
    return value
