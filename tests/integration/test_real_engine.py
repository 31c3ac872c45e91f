"""The offline engine says what a real Pulumi engine did, as recorded in `real_engine/`.

A resource that came or went since the recording is left out; `docs/engine.md` says how to record again.
"""

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ops.engine import Deployment
from ops.engine.changes import changes, snapshots
from tests.integration.real_engine.record import STACKS

RECORDED = Path(__file__).with_name("real_engine")
# A replacement is three operations to the engine.
REPLACES = ("replace", "create-replacement", "delete-replaced")


@dataclass(frozen=True)
class Step:
    """One command on a stack, as a file of recordings has it.

    `before` is the config that it was deployed with, None for an empty stack; `gone` is what a destroy had
    deleted of that before it met something protected.
    """

    file: str
    command: str
    config: Mapping[str, str]
    before: Mapping[str, str] | None
    gone: frozenset[str]
    result: str
    operations: Mapping[str, list[str]]

    def __str__(self) -> str:
        settings = " ".join(f"{key}={value}" for key, value in self.config.items())
        return f"{self.file} {self.command} {settings}"


@cache
def steps(file: str) -> list[Step]:
    content = json.loads((RECORDED / f"{file}.json").read_text(encoding="utf-8"))
    found: list[Step] = []
    before: Mapping[str, str] | None = None
    gone: frozenset[str] = frozenset()
    for one in content["steps"]:
        operations = {
            name: [content["urns"][at] for at in places] for name, places in one["operations"].items()
        }
        found.append(Step(file, one["command"], one["config"], before, gone, one["result"], operations))
        if one["command"] == "up":
            before, gone = one["config"], frozenset()
        elif one["command"] == "destroy":
            gone = frozenset(operations.get("delete", ()))
    return found


def of(*commands: str) -> list[Any]:
    return [
        pytest.param(step, id=str(step), marks=pytest.mark.xdist_group(f"real-engine-{file}"))
        for file in STACKS
        for step in steps(file)
        if step.command in commands
    ]


def short(deployment: Deployment, urns: Iterable[str]) -> set[str]:
    prefix = f"urn:pulumi:{deployment.stack}::{deployment.project}::"
    return {urn.removeprefix(prefix) for urn in urns}


def run(graph: Any, step: Step, config: Mapping[str, str]) -> Deployment:
    rest = {key: value for key, value in config.items() if key != "tier"}
    deployment: Deployment = graph(STACKS[step.file], config["tier"], preview=False, **rest)
    return deployment


@pytest.mark.parametrize("step", of("preview"))
def test_a_first_preview_creates_the_same(step: Step, graph: Any) -> None:
    deployment = run(graph, step, step.config)
    offline = short(deployment, (resource.urn for resource in deployment.resources))
    recorded = set(step.operations["create"])
    assert set(step.operations) == {"create"}
    assert len(offline & recorded) >= 0.9 * max(len(offline), len(recorded)), "record again: docs/engine.md"


@pytest.mark.parametrize("step", of("up"))
def test_an_update_does_the_same(step: Step, graph: Any) -> None:
    assert step.result == "succeeded"
    new = run(graph, step, step.config)
    old = run(graph, step, step.before) if step.before else None
    known = short(new, (resource.urn for one in (new, old) if one for resource in one.resources))
    there = [one for one in snapshots(old) if not short(old, [one.urn]) & step.gone] if old else []
    found = changes(there, snapshots(new))
    for operation, recorded in (
        ("create", ("create",)), ("update", ("update",)), ("delete", ("delete",)), ("replace", REPLACES),
    ):  # fmt: skip
        offline = short(new, (one.urn for one in found if one.operation == operation))
        real = set(itertools.chain.from_iterable(step.operations.get(name, ()) for name in recorded))
        every = set(
            itertools.chain.from_iterable(one.operations.get("create", ()) for one in steps(step.file))
        )
        if step.gone and operation == "update":
            # What was made again has other ids on the real engine, which what refers to it takes over.
            assert offline & every <= real, operation
        else:
            assert offline & every == real & known, operation


@pytest.mark.parametrize("step", of("refresh"))
def test_a_refresh_finds_nothing(step: Step) -> None:
    assert (step.result, step.operations) == ("succeeded", {})


@pytest.mark.parametrize("step", of("refresh at night"))
def test_a_night_changes_nothing(step: Step) -> None:
    """No input follows what is stopped (an address, tasks), and the next update has nothing to do."""
    every = [one for one in steps(step.file) if one.command != "preview"]
    after = every[every.index(step) + 1]
    assert (step.result, step.operations) == ("succeeded", {})
    assert (after.command, after.config, after.operations) == ("up", step.config, {})


@pytest.mark.parametrize("step", of("destroy"))
def test_a_destroy_ends_as_the_protection_says(step: Step, graph: Any) -> None:
    deployment = run(graph, step, step.config)
    protected = any(resource.protect for resource in deployment.resources)
    assert step.result == ("failed" if protected else "succeeded")


@pytest.mark.parametrize("step", of("up", "destroy"))
def test_the_order_respects_dependencies(step: Step) -> None:
    """What a resource depends on is created before it, and deleted after it."""
    content = json.loads((RECORDED / f"{step.file}.json").read_text(encoding="utf-8"))
    urns = content["urns"]
    for operation, forward in (("create", True), ("delete", False)):
        place = {urn: index for index, urn in enumerate(step.operations.get(operation, ()))}
        for mine, others in ((urns[int(at)], found) for at, found in content["dependencies"].items()):
            for other in (urns[at] for at in others):
                if mine in place and other in place:
                    assert (place[other] < place[mine]) == forward, (operation, mine, other)
