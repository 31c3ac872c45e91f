"""Pulumi's property values between protobuf and plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.rpc import UNKNOWN as WIRE_UNKNOWN

from ops.engine.model import UNKNOWN, Asset, PropertyPath

# The keys and marks of sdk/go/common/resource/properties.go; the Python SDK holds them as private names.
_MARK = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public constant of the protocol
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"


@dataclass(frozen=True)
class Decoded:
    """A property bag in plain Python, and where in it the secrets are."""

    values: dict[str, Any]
    secret_paths: frozenset[PropertyPath]


def decode(properties: struct_pb2.Struct) -> Decoded:
    """Unwraps secrets, turns unknowns into `UNKNOWN`, whole floats into integers and assets into `Asset`."""
    secrets: set[PropertyPath] = set()
    fields = sorted(properties.fields.items())  # the wire has no order, what people read should have one
    values = {key: _decode(value, (key,), secrets) for key, value in fields}
    return Decoded(values, frozenset(secrets))


def encode(value: Any) -> struct_pb2.Value:
    """The wire form of what `decode` gives; whole numbers travel as floats."""
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=WIRE_UNKNOWN)
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=encode_properties(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[encode(item) for item in value]))
    raise TypeError(f"a resource's output cannot be {type(value).__name__}: got {value!r}")


def encode_properties(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """The wire form of a property bag."""
    return struct_pb2.Struct(fields={key: encode(value) for key, value in values.items()})


def secret(value: struct_pb2.Value) -> struct_pb2.Value:
    """`value` marked as a secret, once."""
    if _mark_of(value) == _SECRET:
        return value
    fields = {_MARK: struct_pb2.Value(string_value=_SECRET), "value": value}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))


def _mark_of(value: struct_pb2.Value) -> str:
    if not value.HasField("struct_value") or _MARK not in value.struct_value.fields:
        return ""
    return str(value.struct_value.fields[_MARK].string_value)


def _decode(value: struct_pb2.Value, path: PropertyPath, secrets: set[PropertyPath]) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value == WIRE_UNKNOWN else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            items = enumerate(value.list_value.values)
            return [_decode(item, (*path, index), secrets) for index, item in items]
        case "struct_value":
            return _decode_struct(value, path, secrets)
        case _:
            return None


def _decode_struct(value: struct_pb2.Value, path: PropertyPath, secrets: set[PropertyPath]) -> Any:
    fields = value.struct_value.fields
    match _mark_of(value):
        case "":
            return {key: _decode(item, (*path, key), secrets) for key, item in sorted(fields.items())}
        case mark if mark == _SECRET:
            secrets.add(path)
            return _decode(fields["value"], path, set())
        case mark if mark in (_ASSET, _ARCHIVE):
            found = {key: _decode(item, (*path, key), secrets) for key, item in fields.items()}
            return Asset(**{key: found[key] for key in ("path", "text", "uri", "assets") if key in found})
        case mark if mark == _RESOURCE:
            reference = fields["id"] if "id" in fields else fields["urn"]
            return _decode(reference, path, secrets)
        case mark:
            raise ValueError(f"property {path} carries the mark {mark}, which this engine does not know")
