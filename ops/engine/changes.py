"""What `pulumi up` would do to get from one graph to another: create, update, replace and delete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ops.engine.force_new import fixed_inputs
from ops.engine.model import UNKNOWN_MASK, Asset, Deployment, Resource, masked

Operation: TypeAlias = Literal["create", "update", "replace", "delete"]
OPERATIONS: tuple[Operation, ...] = ("create", "update", "replace", "delete")

# Changes with every login or package version and reaches no resource.
_PASSING: Mapping[str, tuple[str, ...]] = {
    "docker:index/image:Image": ("registry",),
    "pulumi:providers:aws": ("version",),
}


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A resource as a change compares it; `inputs` hold the provider's default tags as `tagsAll`."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    dependencies: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of one resource; `properties` are the inputs that differ, for a replacement its causes."""

    urn: str
    type: str
    operation: Operation
    properties: tuple[str, ...] = field(default=())


def snapshots(deployment: Deployment, *, shown: bool = False) -> list[Snapshot]:
    """The resources of a run; `shown` masks values as `preview --json` does."""
    return [
        Snapshot(
            urn=resource.urn,
            type=resource.type,
            inputs=shown_inputs(resource) if shown else _plain(with_default_tags(resource)),
            dependencies=frozenset(resource.dependencies),
            aliases=resource.aliases,
        )
        for resource in deployment.resources
    ]


def snapshots_of_json(shown: Mapping[str, Any]) -> list[Snapshot]:
    """The resources of a `preview --json`."""
    return [
        Snapshot(
            urn=one["urn"],
            type=one["type"],
            inputs=one["inputs"],
            dependencies=frozenset(one["dependencies"]),
        )
        for one in shown["resources"]
    ]


def with_default_tags(resource: Resource) -> dict[str, Any]:
    """Inputs as the provider completes them before it compares: with `tagsAll`, for what carries tags."""
    tags = resource.outputs.get("tagsAll")
    return {**resource.inputs, **({"tagsAll": tags} if tags else {})}


def shown_inputs(resource: Resource) -> dict[str, Any]:
    """The same with secrets, unknowns and assets replaced by text."""
    tags = {("tagsAll", *path[1:]) for path in resource.secret_paths if path[0] == "tags"}
    shown: dict[str, Any] = masked(with_default_tags(resource), resource.secret_paths | tags)
    return shown


def changes(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> list[Change]:
    """What differs, in the order of `after` and then what is deleted, the last made first.

    Where values are unknown on both sides, what depends on a replaced resource counts as replaced or updated
    with it.
    """
    old = {one.urn: one for one in before}
    found: list[Change] = []
    replaced: set[str] = set()
    for new in after:
        known_as = next((urn for urn in (new.urn, *new.aliases) if urn in old), None)
        change = _change(old.pop(known_as), new, replaced) if known_as else _created(new)
        if change:
            found.append(change)
            if change.operation == "replace":
                replaced.add(change.urn)
    gone = [Change(urn=one.urn, type=one.type, operation="delete") for one in old.values()]
    return found + gone[::-1]


def _created(new: Snapshot) -> Change:
    return Change(urn=new.urn, type=new.type, operation="create")


def _change(old: Snapshot, new: Snapshot, replaced: set[str]) -> Change | None:
    passing = _PASSING.get(new.type, ())
    open_ = not new.dependencies.isdisjoint(replaced)
    names = sorted({*old.inputs, *new.inputs} - {*passing})
    differing = [name for name in names if _differs(old.inputs.get(name), new.inputs.get(name), open_)]
    if not differing:
        return None
    was, is_ = (fixed_inputs(one.type, one.inputs) for one in (old, new))
    causes = [name for name in differing if _differs(was.get(name), is_.get(name), open_)]
    return Change(
        urn=new.urn,
        type=new.type,
        operation="replace" if causes else "update",
        properties=tuple(causes or differing),
    )


def _differs(old: Any, new: Any, open_: bool) -> bool:
    """`open_`: whether a value that is unknown on both sides comes from a replaced resource."""
    return old != new or (open_ and UNKNOWN_MASK in str(new))


def _plain(value: Any) -> Any:
    """Values that compare by content: an asset by what is in it, not by where it lies."""
    if isinstance(value, Asset):
        return value.text or value.uri or (value.path or "").rpartition("/")[2]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def counted(found: Iterable[Change]) -> dict[Operation, int]:
    """How many of each operation."""
    operations = [change.operation for change in found]
    return {operation: operations.count(operation) for operation in OPERATIONS}
