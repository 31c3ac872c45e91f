"""A resource's inputs, as the API calls that they become."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from ops.engine.api.calls import Calls, at, calls_of, member_of, noun_of, service_model
from ops.engine.api.documented import rule_for
from ops.engine.api.values import rule_problems, size_problems, value_problems
from ops.engine.model import SECRET_MASK, UNKNOWN, Asset, PropertyPath

_EVERYWHERE = ("tags", "tagsAll", "region")  # tags are held by themselves; the region is the call's address
_NAMES = ("name", "bucket", "identifier")
_PAIRS = ({"Name", "Value"}, {"Key", "Value"})
_TEXT_OF_OBJECTS = ("{", "[")


def request_problems(
    type_: str, inputs: Mapping[str, Any], secret_paths: frozenset[PropertyPath] = frozenset()
) -> list[str]:
    """What AWS would refuse, a line per property: where it is, what it got, and what is allowed.

    Values within `secret_paths` are not shown. A type without a row in `operations.yaml` has no problems.
    """
    calls = calls_of(type_)
    if calls is None:
        return []
    walk = _Walk(calls, inputs, secret_paths)
    return [finding.text for finding in walk.findings() if not finding.unmapped]


def unmapped_inputs(type_: str, inputs: Mapping[str, Any]) -> list[str]:
    """The inputs for which neither a rule nor `operations.yaml` knows a member of an API call."""
    calls = calls_of(type_)
    return [] if calls is None else [f.text for f in _Walk(calls, inputs).findings() if f.unmapped]


@dataclass(frozen=True)
class _Finding:
    text: str
    unmapped: bool = False


@dataclass(frozen=True)
class _Walk:
    """Goes through inputs and the calls' shapes side by side."""

    calls: Calls
    inputs: Mapping[str, Any]
    secret_paths: frozenset[PropertyPath] = frozenset()

    def findings(self) -> Iterator[_Finding]:
        given = self._named_by_pulumi()
        yield from self._tags()
        for name, value in self.inputs.items():
            if name in _EVERYWHERE or value is None or name in self.calls.not_sent:
                continue
            target = self._target(name)
            if self.calls.renames.get(name) == ".":
                yield from self._members(value, next(self.calls.shapes)[1], (name,), set())
                continue
            if target is None:
                yield _Finding(name, unmapped=True)
                continue
            holder, member = target
            given.add(self.calls.renames.get(name, member).partition(".")[0])
            yield from self._member(value, holder, member, (name,))
        (operation, created), *_ = self.calls.shapes
        for member in created.required_members:
            if member not in given and member not in self.calls.from_provider:
                yield _Finding(f"{self.calls.service}:{operation} requires {member}, which no input gives")

    def _named_by_pulumi(self) -> set[str]:
        """The members that Pulumi fills in where a program gives no name."""
        targets = [self._target(name) for name in _NAMES]
        return {member for _, member in filter(None, targets)}

    def _tags(self) -> Iterator[_Finding]:
        """Tags, as EFS describes them: default tags go to every service, and its rule is the strictest."""
        efs = service_model("efs")
        tags = self.inputs.get("tags") or {}
        # An Auto Scaling group has a list of them.
        pairs = tags.items() if isinstance(tags, Mapping) else [(one["key"], one["value"]) for one in tags]
        for key, value in pairs:
            for text, shape in ((key, "TagKey"), (value, "TagValue")):
                if not _is_open(text):
                    yield from self._all(value_problems(text, efs.shape_for(shape)), text, ("tags", key))

    def _target(self, name: str) -> tuple[StructureShape, str] | None:
        """The first operation's structure and member that take input `name`."""
        for operation, shape in self.calls.shapes:
            if name in self.calls.renames:
                found = at(shape, self.calls.renames[name])
            else:
                member = member_of(shape, name, noun_of(operation))
                found = (shape, member) if member else None
            if found:
                return found
        return None

    def _member(
        self, value: Any, holder: StructureShape, member: str, path: PropertyPath
    ) -> Iterator[_Finding]:
        """`value` as `member` of `holder`, with what the documentation says of that member."""
        yield from self._value(value, holder.members[member], path)
        rule = rule_for(self.calls.service, holder.name, member)
        if rule is None or (rule.fargate and "FARGATE" not in self.inputs.get("requiresCompatibilities", ())):
            return
        for one in value if isinstance(value, list) else [value]:
            if not _is_open(one):
                yield from self._all(rule_problems(one, rule), one, path)

    def _value(self, value: Any, shape: Shape, path: PropertyPath) -> Iterator[_Finding]:
        if _is_open(value):
            return
        if isinstance(value, str) and shape.type_name != "string" and value.startswith(_TEXT_OF_OBJECTS):
            for finding in self._value(json.loads(value), shape, path):
                # The SDK's own check sees no more than text here.
                yield _Finding(f"{finding.text}: no such key") if finding.unmapped else finding
        elif isinstance(shape, ListShape):
            yield from self._list(_items(value, shape.member), shape, path)
        elif isinstance(shape, MapShape):
            yield from self._map(value, shape, path)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._value(item, shape, (*path, index))
        elif isinstance(shape, StructureShape):
            yield from self._structure(value, shape, path)
        elif not isinstance(value, Mapping):
            yield from self._all(value_problems(value, shape), value, path)
        else:
            yield _Finding(_written(path), unmapped=True)

    def _list(self, items: list[Any], shape: ListShape, path: PropertyPath) -> Iterator[_Finding]:
        yield from self._all(size_problems(len(items), shape), items, path)
        for index, item in enumerate(items):
            yield from self._value(item, shape.member, (*path, index))

    def _map(self, value: Any, shape: MapShape, path: PropertyPath) -> Iterator[_Finding]:
        yield from self._all(size_problems(len(value), shape), value, path)
        for key, item in value.items():
            yield from self._all(value_problems(key, shape.key), key, (*path, key))
            yield from self._value(item, shape.value, (*path, key))

    def _structure(self, value: Any, shape: StructureShape, path: PropertyPath) -> Iterator[_Finding]:
        if not isinstance(value, Mapping):  # such as EC2's booleans, each wrapped in a structure
            wrapped = next(iter(shape.members.values())) if len(shape.members) == 1 else None
            yield from self._value(value, wrapped, path) if wrapped else [_Finding(_written(path), True)]
            return
        given: set[str] = set()
        yield from self._members(value, shape, path, given)
        for required in shape.required_members:
            if required not in given:
                yield _Finding(f"{_written(path)}: {self.calls.service} requires {required}")

    def _members(
        self, value: Mapping[str, Any], shape: StructureShape, path: PropertyPath, given: set[str]
    ) -> Iterator[_Finding]:
        """Each item of an object as a member of `shape`; `given` takes the members that there are."""
        for name, item in value.items():
            here = (*path, name)
            plain = ".".join(str(step) for step in here if isinstance(step, str))
            if item is None or plain in self.calls.not_sent:
                continue
            renamed = self.calls.renames.get(plain)
            member = renamed or member_of(shape, name)
            target = at(shape, member) if member else None
            if target is None:
                yield _Finding(_written(here), unmapped=True)
                continue
            given.add((member or "").partition(".")[0])
            yield from self._member(item, *target, here)

    def _all(self, problems: Iterator[str], value: Any, path: PropertyPath) -> Iterator[_Finding]:
        secret = any(path[: len(one)] == one for one in self.secret_paths)
        got = SECRET_MASK if secret else _short(value)
        for problem in problems:
            yield _Finding(f"{_written(path)}: got {got}; {problem}")


def _is_open(value: Any) -> bool:
    """Whether the value is not known here: only a deployment, or the holder of the stack's key, has it."""
    return value is None or value is UNKNOWN or isinstance(value, Asset) or value == SECRET_MASK


def _items(value: Any, member: Shape) -> list[Any]:
    """What an input is as a list: pulumi-aws takes a list of one as the one, and pairs as an object."""
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping) and isinstance(member, StructureShape) and {*member.members} in _PAIRS:
        key, _ = member.members
        return [{key: name, "Value": item} for name, item in value.items()]
    return [value]


def _written(path: PropertyPath) -> str:
    first, *rest = path
    return str(first) + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
