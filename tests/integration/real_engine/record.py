"""Records what a real Pulumi engine does with the program, as `dev.json` and `prod.json` hold it.

    python -m tests.integration.real_engine.record dev prod

needs the `pulumi` command and, in `$PULUMI_HOME/plugins`, plug-ins for `aws`, `docker` and `random` that
make nothing (see `docs/engine.md`); with the real ones it would deploy. State and config lie in a
temporary folder.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROGRAM = HERE.parents[2]

Step = tuple[str, Mapping[str, str]]

_OPEN = {"tier": "production", "deletionProtection": "false"}
STEPS: Mapping[str, tuple[Step, ...]] = {
    "dev": (
        *(("preview", {"tier": tier}) for tier in ("micro", "learning", "standard", "production")),
        ("up", {"tier": "micro"}),
        ("up", {"tier": "micro"}),
        ("refresh", {"tier": "micro"}),
        ("up", {"tier": "learning"}),
        ("up", {"tier": "learning"}),
        ("refresh", {"tier": "learning"}),
        ("up", {"tier": "standard"}),
        ("up", {"tier": "standard"}),
        ("refresh", {"tier": "standard"}),
        ("up", {"tier": "learning"}),
        ("destroy", {"tier": "learning"}),
    ),
    "prod": (
        *(("preview", {"tier": tier}) for tier in ("micro", "learning", "standard", "production")),
        ("up", {"tier": "production"}),
        ("up", {"tier": "production"}),
        ("refresh", {"tier": "production"}),
        ("destroy", {"tier": "production"}),
        ("up", _OPEN),
        ("up", {"tier": "standard"}),
        ("destroy", {"tier": "standard"}),
    ),
}


def main() -> None:
    """Runs every step of the stacks that the command line names, and writes their files."""
    for stack in sys.argv[1:] or STEPS:
        dependencies: dict[str, set[str]] = {}
        with tempfile.TemporaryDirectory() as folder:
            steps = list(_recorded(stack, Path(folder), dependencies))
        urns = sorted({urn for step in steps for found in step["operations"].values() for urn in found})
        for step in steps:
            for operation, found in step["operations"].items():
                step["operations"][operation] = [urns.index(urn) for urn in found]
        places = {urns.index(urn): sorted(map(urns.index, found)) for urn, found in dependencies.items()}
        version = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True).stdout
        lines = ",\n".join(f"  {json.dumps(step)}" for step in steps)
        names = ",\n".join(f"  {json.dumps(urn)}" for urn in urns)
        text = f'{{\n "pulumi": "{version.strip()}",\n "urns": [\n{names}\n ],\n'
        text += f' "dependencies": {json.dumps(places)},\n "steps": [\n{lines}\n ]\n}}\n'
        (HERE / f"{stack}.json").write_text(text, encoding="utf-8")


def _recorded(stack: str, folder: Path, dependencies: dict[str, set[str]]) -> Iterator[dict[str, Any]]:
    """Each step of a stack with its result and its operations, in the order in which they ended.

    `dependencies` takes what each resource depends on, as the previews say.
    """
    config = folder / f"Pulumi.{stack}.yaml"
    stack_file = (PROGRAM / config.name).read_text(encoding="utf-8")
    environment = {
        **os.environ,
        "DOCKER_HOST": "none://",  # the plug-in builds nothing
        "PULUMI_BACKEND_URL": folder.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "recording",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "STANDIN_CLOUD": str(folder / "account.json"),
        "STANDIN_LOG": str(folder / "operations.jsonl"),
    }

    def pulumi(*words: str) -> str:
        command = ["pulumi", *words, "--stack", stack, "--config-file", str(config)]
        result = subprocess.run(command, cwd=PROGRAM, env=environment, capture_output=True, text=True)
        return result.stdout

    shutil.copy(PROGRAM / "Pulumi.yaml", folder)
    subprocess.run(["pulumi", "stack", "init", stack], cwd=folder, env=environment, check=True)
    salt = config.read_text(encoding="utf-8")  # of the key that encrypts the stack's secrets
    for command, settings in STEPS[stack]:
        config.write_text(f"{stack_file}\n{salt}", encoding="utf-8")
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        print(stack, command, dict(settings), flush=True)
        if command == "preview":
            shown = json.loads(pulumi("preview", "--json", *options))
            step = _operations((one["op"], one["urn"]) for one in shown["steps"])
            for one in shown["steps"]:
                found = {_short(urn) for urn in one["newState"].get("dependencies", ())}
                if found:
                    dependencies.setdefault(_short(one["urn"]), set()).update(found)
            result = "failed" if shown.get("diagnostics") and not shown["steps"] else "succeeded"
        else:
            step, result = _of_events(pulumi(command, "--yes", "--json", "--skip-preview", *options))
        yield {"command": command, "config": dict(settings), "result": result, "operations": step}


def _of_events(text: str) -> tuple[dict[str, list[str]], str]:
    events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    ended = [event["resOutputsEvent"]["metadata"] for event in events if "resOutputsEvent" in event]
    summaries = [event["summaryEvent"]["result"] for event in events if "summaryEvent" in event]
    return _operations((one["op"], one["urn"]) for one in ended), summaries[-1] if summaries else "failed"


def _operations(found: Any) -> dict[str, list[str]]:
    """Operation to the URNs, in order, without the stack and project; what stays the same is left out."""
    operations: dict[str, list[str]] = {}
    for operation, urn in found:
        if operation not in ("same", "refresh", "read", "read-discard"):
            operations.setdefault(operation, []).append(_short(urn))
    return operations


def _short(urn: str) -> str:
    return urn.split("::", 2)[2]


if __name__ == "__main__":
    main()
