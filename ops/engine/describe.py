"""The shape of a resource type, read from the SDK class that is loaded in the program's own process.

pulumi-aws accepts a misspelt nested key in silence, but its generated classes know every property. A shape is
JSON: `"string" | "integer" | "number" | "boolean" | "asset" | "any"`, `{"array": shape}`, `{"map": shape}`,
`{"union": [shape, ...]}` or `{"object": class name}`, the last looked up in the description's `objects`.
"""

import importlib
import inspect
import typing
from collections.abc import Awaitable, Mapping, Sequence
from enum import Enum
from typing import Any

import pulumi
from pulumi import _types
from pulumi.runtime import rpc

# How the program's process hands a description to the engine, beside Pulumi's own services.
DESCRIBE_METHOD = "/mlops.engine.Shapes/Describe"

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}


def describe(token: str) -> dict[str, Any] | None:
    """`{"inputs", "required", "outputs", "objects"}` of type `token`, None when no loaded SDK has it."""
    resource = _resource_class(token)
    if resource is None:
        return None
    objects: dict[str, Any] = {}
    arguments = _arguments_class(resource)
    inputs = _properties(arguments, objects)
    outputs = {name: _shape(hint, None) for name, hint in _types.resource_types(resource).items()}
    return {**inputs, "outputs": outputs, "objects": objects}


def _resource_class(token: str) -> type | None:
    package, module, name = token.split(":")
    registered: Any
    if (package, module) == ("pulumi", "providers"):
        registered = rpc.get_resource_package(name, "")
        info = getattr(registered, "pkg_info", None)
        class_name = info["class"] if info else None
    else:
        registered = rpc.get_resource_module(package, module, "")
        info = getattr(registered, "mod_info", None)
        class_name = info["classes"].get(token) if info else None
    if not info or not class_name:
        return None
    found: type = getattr(importlib.import_module(info["fqn"]), class_name)
    return found


def _arguments_class(resource: type) -> type:
    """The generator appends `Init` where `<Resource>Args` is already the name of a nested type."""
    module = importlib.import_module(resource.__module__)
    names = (f"{resource.__name__}InitArgs", f"{resource.__name__}Args")
    found: type = next(getattr(module, name) for name in names if hasattr(module, name))
    return found


def _properties(arguments: type, objects: dict[str, Any] | None) -> dict[str, Any]:
    names = _types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments.__init__).parameters.values()  # type: ignore[misc]
    required = [
        names[parameter.name]
        for parameter in parameters
        if parameter.name in names and parameter.default is inspect.Parameter.empty
    ]
    hints = _types.input_type_types(arguments)
    return {
        "inputs": {name: _shape(hint, objects) for name, hint in hints.items()},
        "required": required,
    }


def _shape(hint: Any, objects: dict[str, Any] | None) -> Any:
    """The shape of a type hint; `objects` collects nested input types, None leaves them unnamed."""
    hint = _types.unwrap_type(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union:
        return _union(arguments, objects)
    if origin is not None and issubclass(origin, Sequence):
        return {"array": _shape(arguments[0], objects)}
    if origin is not None and issubclass(origin, Mapping):
        return {"map": _shape(arguments[1], objects)}
    if not isinstance(hint, type):
        return "any"
    return _class_shape(hint, objects)


def _class_shape(hint: type, objects: dict[str, Any] | None) -> Any:
    for scalar, name in _SCALARS.items():
        if hint is scalar or (issubclass(hint, Enum) and issubclass(hint, scalar)):
            return name
    if issubclass(hint, pulumi.Asset | pulumi.Archive):
        return "asset"
    if not _types.is_input_type(hint) and not _types.is_output_type(hint):
        return "any"
    name = f"{hint.__module__}.{hint.__qualname__}"
    if objects is not None and name not in objects:
        objects[name] = {}  # before its properties, because types may contain themselves
        objects[name] = _properties(hint, objects)
    return {"object": name}


def _union(members: Sequence[Any], objects: dict[str, Any] | None) -> Any:
    """Awaitables and outputs are how the SDK takes a value, not what the provider gets."""
    plumbing = (Awaitable, pulumi.Output)
    values = [
        member
        for member in members
        if member is not type(None)
        and typing.get_origin(member) not in plumbing
        and member is not pulumi.Output
    ]
    shapes = []
    for member in values:
        shape = _shape(member, objects)
        if shape not in shapes:
            shapes.append(shape)
    return shapes[0] if len(shapes) == 1 else {"union": shapes}
