"""From the SDK's registration request to a `Registration` in plain Python."""

import json
from collections.abc import Mapping
from typing import Any

from ops.engine import wire
from ops.engine.graph import Graph
from ops.engine.model import UNKNOWN, Registration

PROVIDER_TYPE = "pulumi:providers:"


def registration(request: Any, urn: str, shape: Mapping[str, Any] | None) -> Registration:
    """The resource that a RegisterResourceRequest asks for; `shape` is its type's description, if any."""
    decoded = wire.decode(request.object)
    inputs: Mapping[str, Any] = decoded.values
    if request.type.startswith(PROVIDER_TYPE) and shape is not None:
        inputs = {name: _from_json(value, shape["inputs"].get(name)) for name, value in inputs.items()}
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent or None,
        provider=provider_urn(request.provider),
        dependencies=tuple(request.dependencies),
        property_dependencies={
            name: tuple(dependency.urns) for name, dependency in request.propertyDependencies.items()
        },
        inputs=inputs,
        secret_paths=decoded.secret_paths,
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=tuple(_alias(alias, request, urn) for alias in request.aliases),
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        ignore_changes=tuple(request.ignoreChanges),
        import_id=request.importId or None,
    )


def read_registration(request: Any, urn: str) -> Registration:
    """The resource that a ReadResourceRequest looks up."""
    decoded = wire.decode(request.properties)
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=True,
        parent=request.parent or None,
        provider=provider_urn(request.provider),
        dependencies=tuple(request.dependencies),
        inputs=decoded.values,
        secret_paths=decoded.secret_paths,
    )


def provider_urn(reference: str) -> str | None:
    """The URN in a provider reference, which is `<urn>::<id>`; None for the default provider."""
    return reference.rpartition("::")[0] or None


def _from_json(value: Any, shape: Any) -> Any:
    """Provider inputs travel as JSON text, whatever their type."""
    if not isinstance(value, str) or shape == "string" or value is UNKNOWN:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _alias(alias: Any, request: Any, urn: str) -> str:
    if alias.HasField("urn"):
        return str(alias.urn)
    spec = alias.spec
    stack, project, _ = urn.removeprefix("urn:pulumi:").split("::", 2)
    parent = "" if spec.noParent else spec.parentUrn or request.parent
    return Graph.urn_of(
        spec.type or request.type,
        spec.name or request.name,
        parent,
        project=spec.project or project,
        stack=spec.stack or stack,
    )
