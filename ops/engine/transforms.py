"""Runs the program's transforms, which live in the program's process behind a callback service."""

from collections.abc import Mapping
from typing import Any

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

# A transform sees a resource's options under other names than its registration has.
_OPTIONS: Mapping[str, str] = {
    "depends_on": "dependencies",
    "protect": "protect",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "version": "version",
    "aliases": "aliases",
    "provider": "provider",
    "custom_timeouts": "customTimeouts",
    "plugin_download_url": "pluginDownloadURL",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "additional_secret_outputs": "additionalSecretOutputs",
    "providers": "providers",
    "import": "importId",
}


class Transforms:
    """The transforms of one deployment: the stack's, and each resource's for itself and its descendants."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._invoke: list[Any] = []
        self._by_urn: dict[str, list[Any]] = {}
        self._parents: dict[str, str] = {}
        self._clients: dict[str, Any] = {}

    def add_to_stack(self, callback: Any) -> None:
        """Applies `callback` to every resource registered from now on."""
        self._stack.append(callback)

    def add_to_invokes(self, callback: Any) -> None:
        """Applies `callback` to every provider function called from now on."""
        self._invoke.append(callback)

    def applied(self, request: Any, urn: str) -> Any:
        """`request` after its own transforms, then its parents' from the inside out, then the stack's."""
        own = list(request.transforms)
        self._by_urn[urn] = own
        self._parents[urn] = request.parent
        chain, parent = own, request.parent
        while parent:
            chain = chain + self._by_urn.get(parent, [])
            parent = self._parents.get(parent, "")
        for callback in chain + self._stack:
            request = self._transformed(request, callback)
        return request

    def applied_to_invoke(self, request: Any) -> Any:
        """`request`, a provider function call, after the stack's invoke transforms."""
        for callback in self._invoke:
            call = resource_pb2.TransformInvokeRequest(token=request.tok, args=request.args)
            answer = resource_pb2.TransformInvokeResponse.FromString(self._call(callback, call))
            request.args.CopyFrom(answer.args)
        return request

    def _transformed(self, request: Any, callback: Any) -> Any:
        call = resource_pb2.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=request.object,
            options=_copied(request, resource_pb2.TransformResourceOptions(), invert=False),
        )
        answer = resource_pb2.TransformResponse.FromString(self._call(callback, call))
        request.object.CopyFrom(answer.properties)
        if answer.HasField("options"):
            _copied(answer.options, request, invert=True)
        return request

    def _call(self, callback: Any, message: Any) -> bytes:
        if callback.target not in self._clients:
            channel = grpc.insecure_channel(callback.target, options=_GRPC_CHANNEL_OPTIONS)
            self._clients[callback.target] = callback_pb2_grpc.CallbacksStub(channel)
        request = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=message.SerializeToString()
        )
        return bytes(self._clients[callback.target].Invoke(request).response)


def _copied(source: Any, target: Any, *, invert: bool) -> Any:
    """Copies the options that `source` sets and clears the others, so that a transform can take one away."""
    present = {descriptor.name for descriptor, _ in source.ListFields()}
    for option, field in _OPTIONS.items():
        from_name, to_name = (option, field) if invert else (field, option)
        target.ClearField(to_name)
        if from_name not in present:
            continue
        value = getattr(source, from_name)
        if isinstance(value, str | bool):
            setattr(target, to_name, value)
        else:
            getattr(target, to_name).MergeFrom(value)
    return target
