"""What changes between two graphs of the program, for `preview --against`."""

import json
from collections.abc import Mapping
from pathlib import Path

from ops.engine.changes import Change, changes, snapshots, snapshots_of_json
from ops.engine.model import Deployment, EngineError
from ops.engine.runner import run


def changes_from(
    before: str, program: Path, *, stack: str, config: Mapping[str, str]
) -> tuple[Deployment, list[Change]]:
    """The deployment of `stack`, and what becomes of a stack that is deployed as `before` says.

    `before` is the file that `preview --json` wrote, or a tier; of a tier every value is known, of a file
    only what a preview knows. A deployment that failed has no changes.

    Raises:
        EngineError: when `before` is neither, or as `run` does.
    """
    file = Path(before)
    if file.suffix == ".json":
        old = snapshots_of_json(_read(file))
        deployment = run(program, stack=stack, config=config)
        return deployment, changes(
            old, snapshots(deployment, shown=True)
        ) if deployment.exit_code == 0 else []
    was = run(program, stack=stack, config={**config, "tier": before}, preview=False)
    if was.exit_code:
        return was, []
    deployment = run(program, stack=stack, config=config, preview=False)
    return deployment, changes(snapshots(was), snapshots(deployment)) if deployment.exit_code == 0 else []


def _read(file: Path) -> Mapping[str, list[Mapping[str, object]]]:
    try:
        shown = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError(f"--against {file}: cannot be read as JSON: {error}") from error
    if not isinstance(shown, dict) or "resources" not in shown:
        raise EngineError(f"--against {file}: has no resources; make it with `preview STACK --json`")
    return shown
