"""The ways of `docs/taking-down.md`, tried on stacks whose buckets hold something."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ops.engine.project import Project
from ops.stack.unprotect import unprotect
from tests.integration.real_engine.installed import Pulumi

_UNPROTECT = "python -m ops stack unprotect"
_UNPROTECT_ALL = f"{_UNPROTECT} --empty-buckets"
_OFF = "pulumi config set deletionProtection false"
_EMPTY = "pulumi config set forceDestroy true"
# From a stack of that tier, or one whose first `pulumi up` failed, to nothing or to another tier.
WAYS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("micro", "destroy"): (_UNPROTECT, "pulumi destroy"),
    ("learning", "destroy"): ("pulumi destroy",),
    ("standard", "destroy"): (_EMPTY, "pulumi up", "pulumi destroy"),
    ("production", "destroy too early"): ("pulumi destroy",),
    ("production", "destroy"): (_OFF, _EMPTY, "pulumi up", "pulumi destroy"),
    ("production", "failed"): (_UNPROTECT_ALL, "pulumi state unprotect --all", "pulumi destroy"),
    ("production", "learning"): (_OFF, "pulumi up", "pulumi config set tier learning", "pulumi up"),
}


def ways(program: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Each way with its commands: whether it failed, and how many resources the stack has afterwards."""
    project = Project.load(program).name
    for number, ((tier, goal), commands) in enumerate(WAYS.items()):
        print("taking down", tier, goal, flush=True)
        state = folder / str(number)
        state.mkdir()
        pulumi = Pulumi(program, "prod", state)
        pulumi.run("config", "set", "tier", tier)
        # What comes last of all: the services are not there yet, everything that is protected is.
        fail = "Create .*ecs/service:Service::" if goal == "failed" else ""
        first, _ = pulumi.run("up", "--yes", "--skip-preview", fail=fail)
        pulumi.fill_buckets()
        steps = []
        for command in commands:
            if command.startswith(_UNPROTECT):
                empty = command == _UNPROTECT_ALL
                failed = not list(unprotect(project, "prod", pulumi.client, empty_buckets=empty))
            else:
                _, *words = shlex.split(command)
                more = {"config": [], "up": ["--yes", "--skip-preview"]}.get(words[0], ["--yes"])
                failed = pulumi.run(*words, *more)[0] != 0
            steps.append({"command": command, "failed": failed, "left": pulumi.left()})
        yield {"tier": tier, "goal": goal, "first_up_failed": first != 0, "steps": steps}
