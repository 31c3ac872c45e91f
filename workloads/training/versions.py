"""Which version an alias names: moved in MLflow and in the data bucket, and on record."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workloads.training import audit, registry
from workloads.training.audit import Entry
from workloads.training.bundle import Bundle
from workloads.training.errors import TrainingError
from workloads.training.promotion import Decision
from workloads.training.publish import DataBucket
from workloads.training.registered import RegisteredModel


@dataclass(frozen=True, kw_only=True)
class Move:
    """What became of an alias.

    Args:
        action: See `Entry`.
        alias: The alias.
        version: The version that has it now.
        previous: The version that had it before.
        changed: Whether anything was moved or repaired.
        reason: In words.
    """

    action: str
    alias: str
    version: str
    previous: str
    changed: bool
    reason: str = ""

    def document(self) -> dict[str, Any]:
        """The move as JSON."""
        return asdict(self)


def move(
    bundle: Bundle,
    alias: str,
    bucket: DataBucket,
    *,
    action: str,
    reason: str = "",
    figures: Mapping[str, Any] | None = None,
) -> Move:
    """Gives the alias to a bundle's version, and lets the predictor serve it.

    It is on record before anything moves; the pointer moves last. Who is cut off in between does it again,
    and the record and the outcome are the same; a move to another version abandons what was begun.
    """
    expected = bundle.pointer(alias)
    found = bucket.pointer(bundle.name, alias)
    begun = audit.pending(bundle.name, alias)
    mine = begun if begun and begun[1].version == bundle.version else None
    current = registry.version_of(bundle.name, alias)
    same = all(found.get(key) == expected[key] for key in ("version", "model_sha256", "manifest_sha256"))
    if same and current == bundle.version and not mine:
        return Move(action=action, alias=alias, version=current, previous=current, changed=False)
    entry = Entry(
        action=action,
        alias=alias,
        version=bundle.version,
        previous=str(found.get("version", "")),
        reason=reason,
    )
    if begun and not mine:
        audit.abandon(begun[0])
    run_id, entry = mine or (audit.begin(bundle.name, entry, figures or {}), entry)
    registry.set_alias(bundle.name, alias, bundle.version)
    if not same:
        bucket.upload(bundle)
        bucket.point(alias, bundle)
    audit.finish(run_id)
    return Move(**vars(entry), changed=True)


def promote(
    registered: RegisteredModel,
    version: str,
    bucket: DataBucket,
    *,
    reason: str,
    figures: Mapping[str, Any] | None = None,
) -> Move:
    """Makes a version the current one.

    Raises:
        TrainingError: there is no such version, or it has no bundle.
    """
    bundle = registry.load_version(registered.name, version)
    return move(bundle, registered.alias, bucket, action="promote", reason=reason, figures=figures)


def refuse(registered: RegisteredModel, version: str, decision: Decision) -> Move:
    """Puts on record why a version does not become the current one."""
    name, alias = registered.name, registered.alias
    current, reason = registry.version_of(name, alias), decision.failed()
    entry = Entry(action="refuse", alias=alias, version=version, previous=current, reason=reason)
    audit.finish(audit.begin(name, entry, decision.document()))
    return Move(action="refuse", alias=alias, version=current, previous=current, changed=False, reason=reason)


def challenger(registered: RegisteredModel) -> str:
    """The challenger's version.

    Raises:
        TrainingError: no alias is set for one, or no version has it.
    """
    alias = registered.target_alias(as_challenger=True)
    version = registry.version_of(registered.name, alias)
    if not version:
        raise TrainingError(f"{alias}: no version has this alias; name the version to promote")
    return version


def rollback(registered: RegisteredModel, to: str, bucket: DataBucket, *, reason: str) -> Move:
    """Makes an earlier version the current one: `to`, or the one that the current one took the place of.

    Raises:
        TrainingError: none is on record.
    """
    name, alias = registered.name, registered.alias
    begun = audit.pending(name, alias)
    if begun and begun[1].action == "rollback" and to in ("", begun[1].version):
        to = begun[1].version
    current = registry.version_of(name, alias)
    to = to or audit.previous(name, alias, current)
    if not to:
        raise TrainingError(
            f"{alias}: no version before {current or 'the current one'} is on record; name one with --to"
        )
    return move(registry.load_version(name, to), alias, bucket, action="rollback", reason=reason)


def reconcile(registered: RegisteredModel, bucket: DataBucket) -> Iterator[Move]:
    """Lets the predictor serve what MLflow's aliases name, wherever they were moved, one at a time.

    Raises:
        TrainingError: an alias names a version without a bundle; its pointer stays as it was.
    """
    for alias in filter(None, (registered.alias, registered.challenger_alias)):
        version = registry.version_of(registered.name, alias)
        if version:
            bundle = registry.load_version(registered.name, version)
            yield move(bundle, alias, bucket, action="reconcile", reason="moved in MLflow")
