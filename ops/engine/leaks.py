"""Secrets that a deployment would write down in plain text."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.engine.graph import STACK_TYPE
from ops.engine.model import SECRET_MASK, Deployment, PropertyPath, Resource

_SHORTEST = 8  # a shorter value may stand anywhere by chance
# Public parts of what is secret as a whole: an image's registry login holds the registry's address.
_PUBLIC = (("registry", "server"), ("registry", "username"))


def leaks(deployment: Deployment) -> list[str]:
    """Where a secret value stands in plain text: in an id, an input, an output or a stack output.

    Only an update knows the values; the state keeps ids in plain text, whatever they are.
    """
    secrets = _secrets(deployment)
    found = []
    for resource in deployment.resources:
        if resource.type == STACK_TYPE:
            continue  # its outputs are the deployment's, which know where in them the secrets are
        hidden = _paths(resource)
        shown: dict[PropertyPath, str] = {("id",): resource.id or ""}
        for kind, values in (("inputs", resource.inputs), ("outputs", resource.outputs)):
            shown.update({(kind, *path): text for path, text in _plain(values, hidden)})
        found += [
            _line(resource.urn, path, secrets[one])
            for path, text in shown.items()
            for one in secrets
            if one in text
        ]
    outputs = _plain(deployment.outputs, deployment.secret_outputs)
    found += [_line("stack", path, secrets[one]) for path, text in outputs for one in secrets if one in text]
    return sorted(set(found))


def _secrets(deployment: Deployment) -> dict[str, str]:
    """Each secret value, and the resource that it comes from first."""
    found: dict[str, str] = {}
    for resource in deployment.resources:
        for path, text in _hidden(resource):
            if len(text) >= _SHORTEST and text != SECRET_MASK and path not in _PUBLIC:
                found.setdefault(text, resource.urn)
    return found


def _paths(resource: Resource) -> frozenset[PropertyPath]:
    return frozenset([*resource.secret_paths, *((name,) for name in resource.secret_outputs)])


def _hidden(resource: Resource) -> Iterator[tuple[PropertyPath, str]]:
    paths = _paths(resource)
    for values in (resource.inputs, resource.outputs):
        yield from ((path, text) for path, text in _texts(values) if _within(path, paths))


def _plain(values: Mapping[str, Any], paths: frozenset[PropertyPath]) -> Iterator[tuple[PropertyPath, str]]:
    yield from ((path, text) for path, text in _texts(values) if not _within(path, paths))


def _texts(value: Any, path: PropertyPath = ()) -> Iterator[tuple[PropertyPath, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
    elif isinstance(value, str):
        yield path, value


def _within(path: PropertyPath, paths: frozenset[PropertyPath]) -> bool:
    return any(path[: len(one)] == one for one in paths)


def _line(urn: str, path: PropertyPath, source: str) -> str:
    return f"{urn}: {'.'.join(map(str, path))} shows a secret of {source}"
