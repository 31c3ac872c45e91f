"""The gRPC server that the program talks to, and Pulumi's Engine service, which takes its log."""
# ruff: noqa: N802, ARG002 - the generated servicer names the methods and passes each a context

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2_grpc

from ops.engine.describe import DESCRIBE_METHOD
from ops.engine.graph import Graph
from ops.engine.model import Severity
from ops.engine.monitor import STOPPED, Monitor

_SEVERITIES: tuple[Severity, ...] = ("debug", "info", "warning", "error")


class Engine(engine_pb2_grpc.EngineServicer):
    """Takes the program's log messages and keeps its root resource."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._root = ""

    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:
        follows_from_refusal = STOPPED in request.message and self._graph.failed()
        if not request.ephemeral and not follows_from_refusal:
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
