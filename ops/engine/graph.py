"""What has been registered so far: URNs, duplicates, parents, diagnostics and stack outputs."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ops.engine.model import Diagnostic, PropertyPath, Resource, Severity

STACK_TYPE = "pulumi:pulumi:Stack"


class Graph:
    """The resources of one deployment, safe to use from every RPC thread."""

    def __init__(self, *, project: str, stack: str) -> None:
        self._lock = threading.Lock()
        self._project = project
        self._stack = stack
        self._claimed: set[str] = set()
        self._resources: dict[str, Resource] = {}
        self._diagnostics: list[Diagnostic] = []
        self.outputs: Mapping[str, Any] = {}
        self.secret_outputs: frozenset[PropertyPath] = frozenset()

    def urn(self, type_: str, name: str, parent: str) -> str:
        """The resource's URN; `parent` is a URN, or empty for the stack itself."""
        return self.urn_of(type_, name, parent, project=self._project, stack=self._stack)

    @staticmethod
    def urn_of(type_: str, name: str, parent: str, *, project: str, stack: str) -> str:
        """A URN, whose type is qualified by its parents' types unless the parent is the stack."""
        parent_type = parent.split("::")[2] if parent else STACK_TYPE
        qualified = type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"
        return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"

    def claim(self, urn: str) -> bool:
        """Takes `urn` for a new resource; False when another resource has it."""
        with self._lock:
            taken = urn in self._claimed
            self._claimed.add(urn)
            return not taken

    def add(self, resource: Resource) -> None:
        """Adds a resource under its claimed URN."""
        with self._lock:
            self._resources[resource.urn] = resource

    def set_outputs(self, urn: str, outputs: Mapping[str, Any], secrets: frozenset[PropertyPath]) -> None:
        """Takes a component's outputs, or the stack's."""
        with self._lock:
            resource = self._resources.get(urn)
            if resource is None:
                return  # it was refused, and that has been reported
            if resource.type == STACK_TYPE:
                self.outputs, self.secret_outputs = outputs, secrets
            names = frozenset(str(path[0]) for path in secrets)
            self._resources[urn] = replace(resource, outputs=outputs, secret_outputs=names)

    def get(self, urn: str | None) -> Resource | None:
        """The resource registered as `urn`."""
        with self._lock:
            return self._resources.get(urn or "")

    def report(self, severity: Severity, message: str, urn: str | None = None) -> None:
        """Adds a diagnostic; an `error` fails the deployment."""
        with self._lock:
            self._diagnostics.append(Diagnostic(severity, message, urn or None))

    def resources(self) -> tuple[Resource, ...]:
        """Everything registered, in order."""
        with self._lock:
            return tuple(self._resources.values())

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything reported, in order."""
        with self._lock:
            return tuple(self._diagnostics)

    def failed(self) -> bool:
        """Whether an error was reported."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics())
