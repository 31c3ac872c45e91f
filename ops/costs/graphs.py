"""The graphs that are priced: of a stack on its tiers, of variants of its config, of another commit."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ops.costs.model import CostError
from ops.engine import EngineError, run
from ops.engine.project import Project
from ops.engine.report import as_dict

PROGRAM = Path(__file__).resolve().parents[2]
Shown = Mapping[str, Any]
# Runs in the other commit's own tree, with its own engine.
_ELSEWHERE = """
import json, sys
from pathlib import Path
from ops.engine import run
from ops.engine.report import as_dict
stack, config = sys.argv[1], json.loads(sys.argv[2])
deployment = run(Path.cwd(), stack=stack, config=config, preview=False)
for error in deployment.errors:
    print(error.message, file=sys.stderr)
json.dump(as_dict(deployment), sys.stdout)
sys.exit(deployment.exit_code)
"""


def graph(stack: str, config: Mapping[str, str]) -> Shown:
    """The resources of `stack` with `config`, as `preview --json` shows them, of an update: all values known.

    Raises:
        CostError: the config cannot be used, or the program fails.
    """
    try:
        deployment = run(PROGRAM, stack=stack, config=config, preview=False)
    except EngineError as error:
        raise CostError(str(error)) from None
    if deployment.exit_code:
        raise CostError("\n".join(error.message for error in deployment.errors))
    return as_dict(deployment)


def chosen_config(stack: str, config: Mapping[str, str]) -> Mapping[str, str]:
    """What every config key comes to for `stack` with `config`, as text: its own, the tier's, the default."""
    # Half a second of imports, which a comparison of tiers does without.
    from components.config.reference import shown
    from components.config.tiers import BY_TIER, DEFAULT_TIER
    from components.settings import KEYS

    project = Project.load(PROGRAM)
    values = project.stack_config(stack, config).values
    own = {name.removeprefix(f"{project.name}:"): value for name, value in values.items()}
    tier = own.get("tier", DEFAULT_TIER)
    usual = {
        key.name: shown(next((value for name, value in key.tiers.items() if name == tier), key.default))
        for key in KEYS
    }
    return {**usual, **{name: value for name, value in own.items() if value != BY_TIER}}


def graphs(stack: str, configs: Sequence[Mapping[str, str]]) -> list[Shown]:
    """The graphs for several configs, as many at the same time as there are processors.

    Each program runs in a process of its own, so threads are enough to wait for them.

    Raises:
        CostError: as `graph` does.
    """
    with ThreadPoolExecutor(min(len(configs), os.cpu_count() or 1) or 1) as pool:
        return list(pool.map(graph, [stack] * len(configs), configs))


def graph_at(ref: str, stack: str, config: Mapping[str, str]) -> Shown:
    """The graph of the program as commit `ref` of this repository has it.

    Raises:
        CostError: there is no such commit, or its program cannot be run.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "-C", str(PROGRAM), "archive", "--format=tar", f"{ref}^{{commit}}"],
            capture_output=True,
            check=False,
        )
        if archive.returncode:
            raise CostError(
                f"--against {ref}: allowed: a tier, a file that `preview --json` wrote, or a commit; git "
                f"says: {archive.stderr.decode().strip()}"
            )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        done = subprocess.run(
            [sys.executable, "-c", _ELSEWHERE, stack, json.dumps(dict(config))],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CostError(f"--against {ref}: its program fails:\n{done.stderr.strip()}")
    shown: Shown = json.loads(done.stdout)
    return shown
