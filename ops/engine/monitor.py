"""Pulumi's ResourceMonitor service: what the program registers, reads and asks for."""
# ruff: noqa: N802, ARG002 - the generated servicer names the methods and passes each a context

import json
from collections.abc import Collection, Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc

from ops.engine import wire
from ops.engine.api import request_problems
from ops.engine.check import problems
from ops.engine.graph import Graph
from ops.engine.maker import Maker
from ops.engine.model import Registration, Resource
from ops.engine.registration import PROVIDER_TYPE, provider_urn, read_registration, registration
from ops.engine.transforms import Transforms

# Hooks, remote components and parameterised packages are not served: the SDK then refuses them by name.
_FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
)
# What the SDK tells the user when a call ends as `UNAVAILABLE`; the real reason has been reported by then.
STOPPED = "Resource monitor has terminated, shutting down"


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Registers the program's resources.

    A preview goes on after a resource that cannot be registered, to find every problem; an update stops.
    """

    def __init__(
        self, graph: Graph, maker: Maker, *, preview: bool, disabled_default_providers: Collection[str]
    ) -> None:
        self._graph = graph
        self._maker = maker
        self._preview = preview
        self._disabled = disabled_default_providers
        self._transforms = Transforms()
        self._shapes: dict[str, Mapping[str, Any] | None] = {}

    def describe(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        """Takes the description of a resource type from the program's process."""
        message = json.loads(request)
        self._shapes[message["type"]] = message["shape"]
        return b""

    def GetDeploymentInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        return resource_pb2.DeploymentInfo(dryRun=self._preview, supportedFeatures=_FEATURES)

    def SignalAndWaitForShutdown(self, request: Any, context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()

    def RegisterStackTransform(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._transforms.add_to_stack(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._transforms.add_to_invokes(request)
        return empty_pb2.Empty()

    def RegisterResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        urn = self._graph.urn(request.type, request.name, request.parent)
        try:
            self._claim(urn)
            request = self._transforms.applied(request, urn)
            resource = registration(request, urn, self._shapes.get(request.type))
            made = (
                self._checked_and_made(resource) if resource.custom else Resource(**vars(resource), id=None)
            )
            properties = _merged(request.object, made)
        except Exception as error:  # whatever a transform or a backend raises is this resource's failure
            self._refuse(context, urn, error)
            return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.FAIL)
        self._graph.add(made)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=made.id or "", object=properties)

    def RegisterResourceOutputs(self, request: Any, context: grpc.ServicerContext) -> Any:
        decoded = wire.decode(request.outputs)
        self._graph.set_outputs(request.urn, decoded.values, decoded.secret_paths)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        urn = self._graph.urn(request.type, request.name, request.parent)
        try:
            self._claim(urn)
            resource = read_registration(request, urn)
            read = self._maker.read(resource, request.id, self._shape(resource))
            properties = _merged(request.properties, read)
        except Exception as error:  # as above
            self._refuse(context, urn, error)
            return resource_pb2.ReadResourceResponse(urn=urn, result=resource_pb2.FAIL)
        self._graph.add(read)
        return resource_pb2.ReadResourceResponse(urn=urn, id=request.id, properties=properties)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            request = self._transforms.applied_to_invoke(request)
            provider = provider_urn(request.provider)
            self._require_provider(request.tok, provider)
            answer = self._maker.answer(request.tok, wire.decode(request.args).values, provider)
            return resource_pb2.ResourceInvokeResponse(**{"return": wire.encode_properties(answer)})
        except Exception as error:  # reported here, so that the user sees it once and without a traceback
            self._graph.report("error", str(error))
            return context.abort(grpc.StatusCode.UNAVAILABLE, STOPPED)

    def Call(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._graph.report("error", f"method {request.tok} cannot be called offline")
        return context.abort(grpc.StatusCode.UNAVAILABLE, STOPPED)

    def _claim(self, urn: str) -> None:
        if not self._graph.claim(urn):
            raise ValueError("duplicate resource URN: give one of the two another name")

    def _checked_and_made(self, resource: Registration) -> Resource:
        shape = self._shape(resource)
        if not resource.type.startswith(PROVIDER_TYPE):
            self._require_provider(resource.type, resource.provider)
        found = problems(resource.inputs, shape) or request_problems(
            resource.type, resource.inputs, resource.secret_paths
        )
        if found:
            raise ValueError("\n".join(found))
        return self._maker.make(resource, shape)

    def _shape(self, resource: Registration) -> Mapping[str, Any]:
        shape = self._shapes.get(resource.type)
        if shape is None:
            raise ValueError(f"no SDK that the program imports has the resource type {resource.type}")
        return shape

    def _require_provider(self, token: str, provider: str | None) -> None:
        package = token.partition(":")[0]
        if not provider and not {"*", package}.isdisjoint(self._disabled):
            raise ValueError(f"{token}: the default provider for {package!r} is disabled; name a provider")

    def _refuse(self, context: grpc.ServicerContext, urn: str, error: Exception) -> None:
        self._graph.report("error", str(error), urn)
        if not self._preview:
            context.abort(grpc.StatusCode.UNAVAILABLE, STOPPED)


def _merged(properties: Any, resource: Resource) -> Any:
    """The inputs as they came, secrets and assets included, with the outputs that differ over them."""
    for name, value in resource.outputs.items():
        if name in resource.inputs and value is resource.inputs[name]:
            continue
        encoded = wire.encode(value)
        properties.fields[name].CopyFrom(wire.secret(encoded) if name in resource.secret_outputs else encoded)
    return properties
