"""What becomes of a registered resource: an echo in a preview; made, or invented, in an update."""

import threading
from collections.abc import Mapping
from typing import Any

from ops.engine import invokes
from ops.engine.graph import Graph
from ops.engine.invented import invent
from ops.engine.model import UNKNOWN, Backend, Created, Registration, Resource


class Maker:
    """Stands where the CLI has its providers."""

    def __init__(self, graph: Graph, *, preview: bool, backend: Backend | None, region: str) -> None:
        self._graph = graph
        self._preview = preview
        self._backend = backend
        self._region = region
        self._one_at_a_time = threading.Lock()

    def make(self, resource: Registration, shape: Mapping[str, Any]) -> Resource:
        """A preview knows a resource's inputs only; an update knows every output."""
        secret = {str(path[0]) for path in resource.secret_paths} | set(resource.additional_secret_outputs)
        secret |= {"tagsAll"} if "tags" in secret else set()
        common: dict[str, Any] = {**vars(resource), "secret_outputs": frozenset(secret)}
        if self._preview:
            outputs = {
                **dict.fromkeys(resource.additional_secret_outputs, UNKNOWN),
                **resource.inputs,
                **self._default_tags(resource, shape),
            }
            return Resource(**common, id=resource.import_id, outputs=outputs)
        with self._one_at_a_time:
            created = self._backend.create(resource) if self._backend else None
        id_ = created.id if created else resource.import_id
        invented = self._invent(resource, shape, id_)
        return Resource(
            **common,
            id=invented.id,
            outputs={**resource.inputs, **invented.outputs, **(created.outputs if created else {})},
            status="created" if created else "planned",
        )

    def read(self, resource: Registration, id_: str, shape: Mapping[str, Any]) -> Resource:
        """A resource that exists outside the stack, under `id_`."""
        outputs = {} if self._preview else self._invent(resource, shape, id_).outputs
        return Resource(**vars(resource), id=id_, outputs={**resource.inputs, **outputs}, status="read")

    def answer(self, token: str, args: Mapping[str, Any], provider: str | None) -> Mapping[str, Any]:
        """The result of a provider function: the backend's, else the one in the table."""
        with self._one_at_a_time:
            answer = self._backend.invoke(token, args) if self._backend else None
        return invokes.answer(token, args, self._region_of(provider)) if answer is None else answer

    def _invent(self, resource: Registration, shape: Mapping[str, Any], id_: str | None) -> Created:
        region = self._region_of(resource.provider)
        tags = self._default_tags(resource, shape)
        return invent(resource, shape, region=region, all_tags=tags, id_=id_)

    def _default_tags(self, resource: Registration, shape: Mapping[str, Any]) -> dict[str, Any]:
        """`tagsAll` of what carries tags: the provider's default tags and the resource's own."""
        if "tagsAll" not in shape["outputs"] or resource.inputs.get("tags") is UNKNOWN:
            return {}
        provider = self._graph.get(resource.provider)
        defaults = (provider.inputs.get("defaultTags") or {}).get("tags") if provider else None
        return {"tagsAll": {**(defaults or {}), **(resource.inputs.get("tags") or {})}}

    def _region_of(self, provider: str | None) -> str:
        """The provider's region, or the stack's where it leaves it open."""
        found = self._graph.get(provider)
        return str((found and found.inputs.get("region")) or self._region)
