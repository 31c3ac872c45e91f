"""Which API calls a resource type's inputs become, and the member of the call that takes each input."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

_TABLE: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("operations.yaml").read_text("utf-8"))
OTHER_TYPES: Mapping[str, str] = _TABLE["other"]  # resource types that make no call to hold, with the reason


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The operations of `service` that a resource type's inputs go to; the first one creates it.

    `renames` gives the member for an input that no rule finds: paths without indices on both sides.
    `not_sent` are inputs that no operation's members describe, `from_provider` members that no input gives.
    """

    service: str
    operations: tuple[str, ...]
    renames: Mapping[str, str] = field(default_factory=dict)
    not_sent: tuple[str, ...] = ()
    from_provider: tuple[str, ...] = ()

    @property
    def shapes(self) -> Iterator[tuple[str, StructureShape]]:
        """The operations' names and what each of them takes."""
        for operation in self.operations:
            shape = service_model(self.service).operation_model(operation).input_shape
            assert shape is not None, f"{self.service}:{operation} takes nothing"
            yield operation, shape


@functools.cache
def calls_of(type_: str) -> Calls | None:
    """The calls of resource type `type_`; None for a type that the table does not have."""
    row = _TABLE["calls"].get(type_)
    if row is None:
        return None
    service, *operations = row["to"].split()
    return Calls(
        service=service,
        operations=tuple(operations),
        renames=row.get("as", {}),
        not_sent=tuple(row.get("not sent", ())),
        from_provider=tuple(row.get("from provider", ())),
    )


@functools.cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service, under botocore's name for it."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def member_of(shape: StructureShape, name: str, noun: str = "") -> str | None:
    """The member of `shape` that input `name` becomes.

    pulumi-aws writes AWS's names in camelCase, lists in the plural, and leaves out words that its own types
    already say: `name` is `StreamName` of a `Stream`, `pathPattern` is `PathPatternConfig`.
    """
    members = {_plain(member): member for member in shape.members}
    plain, prefix = _plain(name), _plain(noun)
    candidates = [plain, *_singular(plain), f"{plain}s", prefix + plain, f"{plain}config"]
    return next((members[one] for one in candidates if one in members), None)


def at(shape: Shape, path: str) -> tuple[StructureShape, str] | None:
    """The structure that holds the last member of the dotted `path` below `shape`, and that member."""
    *through, last = path.split(".")
    for name in through:
        shape = _element(shape)
        if not isinstance(shape, StructureShape) or name not in shape.members:
            return None
        shape = shape.members[name]
    shape = _element(shape)
    return (shape, last) if isinstance(shape, StructureShape) and last in shape.members else None


def noun_of(operation: str) -> str:
    """`Stream` of `CreateStream`."""
    return re.sub(r"^[A-Z][a-z]+", "", operation)


def _element(shape: Shape) -> Shape:
    while isinstance(shape, ListShape):
        shape = shape.member
    return shape


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _singular(plain: str) -> list[str]:
    endings = (("ies", "y"), ("es", ""), ("s", ""))
    return [plain.removesuffix(plural) + one for plural, one in endings if plain.endswith(plural)]
