"""Pulumi's ResourceMonitor and Engine services, with a backend where the CLI has providers."""
# ruff: noqa: N802, ARG002 - the generated servicers name the methods and pass each a context

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from ops.engine import wire
from ops.engine.check import problems
from ops.engine.describe import DESCRIBE_METHOD
from ops.engine.graph import Graph
from ops.engine.invented import Invented
from ops.engine.model import UNKNOWN, Backend, Created, Registration, Resource, Severity
from ops.engine.registration import provider_urn, registration
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

_SEVERITIES: tuple[Severity, ...] = ("debug", "info", "warning", "error")
_STOPPED = "Resource monitor has terminated, shutting down"  # what the SDK says after _stop


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Registers the program's resources.

    A preview goes on after a resource that cannot be registered, to find every problem; an update stops.
    """

    def __init__(self, graph: Graph, *, preview: bool, backend: Backend | None, invented: Invented) -> None:
        self._graph = graph
        self._preview = preview
        self._backend = backend
        self._invented = invented
        self._transforms = Transforms()
        self._shapes: dict[str, Mapping[str, Any] | None] = {}
        self._one_at_a_time = threading.Lock()

    def describe(self, request: bytes, _: grpc.ServicerContext) -> bytes:
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
        if not self._graph.claim(urn):
            return self._refuse(context, urn, "duplicate resource URN; give one of the two another name")
        request = self._transforms.applied(request, urn)
        shape = self._shapes.get(request.type)
        resource = registration(request, urn, shape)
        if resource.custom:
            found = self._problems(resource, shape)
            if found:
                return self._refuse(context, urn, "\n".join(found))
        try:
            made = self._make(resource, shape)
        except Exception as error:  # a backend may raise anything; it is this resource's failure
            return self._refuse(context, urn, f"could not be created: {error}")
        return self._registered(request, made)

    def RegisterResourceOutputs(self, request: Any, context: grpc.ServicerContext) -> Any:
        decoded = wire.decode(request.outputs)
        self._graph.set_outputs(request.urn, decoded.values, decoded.secret_paths)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        urn = self._graph.urn(request.type, request.name, request.parent)
        if not self._graph.claim(urn):
            return self._refuse(context, urn, "duplicate resource URN; give one of the two another name")
        decoded = wire.decode(request.properties)
        resource = Registration(
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
        shape = self._shapes.get(request.type)
        outputs = {} if self._preview else self._invented.create(resource, shape, id_=request.id).outputs
        self._graph.add(Resource(**vars(resource), id=request.id, outputs=outputs, status="read"))
        properties = self._merged(request.properties, outputs, frozenset())
        return resource_pb2.ReadResourceResponse(urn=urn, id=request.id, properties=properties)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        request = self._transforms.applied_to_invoke(request)
        args = wire.decode(request.args).values
        try:
            with self._one_at_a_time:
                answer = self._backend.invoke(request.tok, args) if self._backend else None
            if answer is None:
                answer = self._invented.invoke(request.tok, args)
        except Exception as error:  # the SDK shows it as the call's failure
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return resource_pb2.ResourceInvokeResponse(**{"return": wire.encode_properties(answer)})

    def Call(self, request: Any, context: grpc.ServicerContext) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"method {request.tok} cannot be called offline")

    def _problems(self, resource: Registration, shape: Mapping[str, Any] | None) -> list[str]:
        if shape is None:
            return [f"no installed SDK has resource type {resource.type}"]
        return problems(resource.inputs, shape)

    def _make(self, resource: Registration, shape: Mapping[str, Any] | None) -> Resource:
        secret = {path[0] for path in resource.secret_paths} | set(resource.additional_secret_outputs)
        secret_outputs = frozenset(str(name) for name in secret)
        if not resource.custom:
            return Resource(**vars(resource), id=None, secret_outputs=secret_outputs)
        if self._preview:
            hidden = dict.fromkeys(resource.additional_secret_outputs, UNKNOWN)
            return Resource(
                **vars(resource),
                id=None,
                outputs={**hidden, **resource.inputs},
                secret_outputs=secret_outputs,
            )
        with self._one_at_a_time:
            created = self._backend.create(resource) if self._backend else None
        invented = self._invented.create(resource, shape, id_=created.id if created else None)
        known = created or Created(id=invented.id)
        return Resource(
            **vars(resource),
            id=known.id,
            outputs={**resource.inputs, **invented.outputs, **known.outputs},
            secret_outputs=secret_outputs,
            status="created" if created else "planned",
        )

    def _registered(self, request: Any, resource: Resource) -> Any:
        self._graph.add(resource)
        changed = {
            name: value for name, value in resource.outputs.items() if value is not resource.inputs.get(name)
        }
        merged = self._merged(request.object, changed, resource.secret_outputs)
        return resource_pb2.RegisterResourceResponse(urn=resource.urn, id=resource.id or "", object=merged)

    @staticmethod
    def _merged(properties: Any, outputs: Mapping[str, Any], secret: frozenset[str]) -> Any:
        """The inputs as they came, secrets and assets included, with the outputs over them."""
        for name, value in outputs.items():
            encoded = wire.encode(value)
            properties.fields[name].CopyFrom(wire.secret(encoded) if name in secret else encoded)
        return properties

    def _refuse(self, context: grpc.ServicerContext, urn: str, message: str) -> Any:
        self._graph.report("error", message, urn)
        if self._preview:
            return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.FAIL)
        return context.abort(grpc.StatusCode.UNAVAILABLE, _STOPPED)


class Engine(engine_pb2_grpc.EngineServicer):
    """Takes the program's log messages and keeps its root resource."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._root = ""

    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:
        follows_from_refusal = request.message == _STOPPED and self._graph.failed()
        chatter = request.ephemeral or request.severity == engine_pb2.DEBUG
        if not chatter and not follows_from_refusal:
            self._graph.report(_SEVERITIES[request.severity], request.message, request.urn)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any, context: grpc.ServicerContext) -> Any:
        return engine_pb2.RequirePulumiVersionResponse()


def serve(monitor: Monitor, engine: Engine) -> tuple[grpc.Server, str]:
    """Starts both services on a free local port; the server, and its address."""
    server = grpc.server(ThreadPoolExecutor(max_workers=32), options=_GRPC_CHANNEL_OPTIONS)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    service, method = DESCRIBE_METHOD.strip("/").split("/")
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(monitor.describe)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {method: handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, f"127.0.0.1:{port}"
