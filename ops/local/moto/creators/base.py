"""What the creators share."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients

Creator: TypeAlias = Callable[[Clients, Registration], Created]


def name_of(resource: Registration, key: str = "name") -> str:
    """The physical name that the program gave, or the Pulumi name where it left naming to the provider."""
    return str(resource.inputs.get(key) or resource.name)


def api(value: Any) -> Any:
    """Provider inputs as most AWS APIs spell them: first letters large, nulls left out."""
    if isinstance(value, Mapping):
        return {key[0].upper() + key[1:]: api(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [api(item) for item in value]
    return value


def picked(inputs: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The inputs that are set, each under the API's name for it: `names` maps input to API."""
    return {name: inputs[key] for key, name in names.items() if inputs.get(key) is not None}


def tag_list(resource: Registration) -> list[dict[str, str]]:
    """The resource's tags as a list of Key and Value."""
    return [{"Key": key, "Value": str(value)} for key, value in (resource.inputs.get("tags") or {}).items()]
