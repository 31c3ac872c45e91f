"""Records what a real Pulumi engine does with the program, as the JSON files beside this one hold it.

    python -m tests.integration.real_engine.record [dev] [prod] [switches] [taking-down] [renamed]

needs the `pulumi` command and, in `$PULUMI_HOME/plugins`, plug-ins for `aws`, `docker` and `random` that
make nothing (see `docs/engine.md`); with the real ones it would deploy. State and config lie in a
temporary folder.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.integration.real_engine.installed import Pulumi
from tests.integration.real_engine.taking_down import ways

HERE = Path(__file__).parent
PROGRAM = HERE.parents[2]
NEW_NAME = "acme-rides"

Step = tuple[str, Mapping[str, str]]

_OPEN = {"tier": "production", "deletionProtection": "false"}
# What is off by default and has a component of its own.
_MORE = {
    "tier": "standard",
    **dict.fromkeys(("automl", "serving", "workstation", "cloudTrail", "awsConfig"), "true"),
    "workstationWorkersMax": "2",
}
# A night: what the office hours stop is stopped, the state takes that over, and an update follows.
STEPS: Mapping[str, tuple[Step, ...]] = {
    "dev": (
        *(("preview", {"tier": tier}) for tier in ("micro", "learning", "standard", "production")),
        ("up", {"tier": "micro"}),
        ("up", {"tier": "micro"}),
        ("refresh", {"tier": "micro"}),
        ("refresh at night", {"tier": "micro"}),
        ("up", {"tier": "micro"}),
        ("up", {"tier": "learning"}),
        ("up", {"tier": "learning"}),
        ("refresh", {"tier": "learning"}),
        ("refresh at night", {"tier": "learning"}),
        ("up", {"tier": "learning"}),
        ("up", {"tier": "standard"}),
        ("up", {"tier": "standard"}),
        ("refresh", {"tier": "standard"}),
        ("up", {"tier": "standard", "schedule": "office-hours"}),
        ("refresh at night", {"tier": "standard", "schedule": "office-hours"}),
        ("up", {"tier": "standard", "schedule": "office-hours"}),
        ("up", {"tier": "learning"}),
        ("destroy", {"tier": "learning"}),
        ("up", _OPEN),
        ("destroy", _OPEN),
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
        ("up", {"tier": "micro"}),
        ("up", {"tier": "learning"}),
        ("destroy", {"tier": "learning"}),
    ),
    "switches": (
        ("preview", _MORE),
        ("up", _MORE),
        ("up", _MORE),
        ("refresh", _MORE),
        ("up", {"tier": "standard"}),
        ("up", _MORE),
        ("destroy", _MORE),
    ),
}
STACKS = {"dev": "dev", "prod": "prod", "switches": "dev"}  # of each of those files


def main() -> None:
    """Writes the files that the command line names, or all."""
    for name in sys.argv[1:] or (*STEPS, "taking-down", "renamed"):
        with tempfile.TemporaryDirectory() as folder:
            if name == "taking-down":
                text = json.dumps(list(ways(PROGRAM, Path(folder))), indent=1) + "\n"
            elif name == "renamed":
                text = json.dumps(_renamed(Path(folder)), indent=1) + "\n"
            else:
                text = _stack(name, Path(folder))
        (HERE / f"{name.replace('-', '_')}.json").write_text(text, encoding="utf-8")


def _stack(name: str, folder: Path) -> str:
    """Every step of a file; URNs are written once and meant by their place."""
    dependencies: dict[str, set[str]] = {}
    steps = list(_recorded(Pulumi(PROGRAM, STACKS[name], folder), name, dependencies))
    urns = sorted({urn for step in steps for found in step["operations"].values() for urn in found})
    for step in steps:
        for operation, found in step["operations"].items():
            step["operations"][operation] = [urns.index(urn) for urn in found]
    places = {urns.index(urn): sorted(map(urns.index, found)) for urn, found in dependencies.items()}
    version = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True).stdout
    lines = ",\n".join(f"  {json.dumps(step)}" for step in steps)
    names = ",\n".join(f"  {json.dumps(urn)}" for urn in urns)
    text = f'{{\n "pulumi": "{version.strip()}",\n "urns": [\n{names}\n ],\n'
    return text + f' "dependencies": {json.dumps(places)},\n "steps": [\n{lines}\n ]\n}}\n'


def _recorded(pulumi: Pulumi, name: str, dependencies: dict[str, set[str]]) -> Iterator[dict[str, Any]]:
    """Each step of a file with its result and its operations, in the order in which they ended.

    `dependencies` takes what each resource depends on, as the previews say.
    """
    for command, settings in STEPS[name]:
        pulumi.forget()
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        print(name, command, dict(settings), flush=True)
        if command == "preview":
            shown = json.loads(pulumi.run("preview", "--json", *options)[1])
            step = _operations((one["op"], one["urn"]) for one in shown["steps"])
            for one in shown["steps"]:
                found = {_short(urn) for urn in one["newState"].get("dependencies", ())}
                if found:
                    dependencies.setdefault(_short(one["urn"]), set()).update(found)
            result = "failed" if shown.get("diagnostics") and not shown["steps"] else "succeeded"
        else:
            if command == "refresh at night":
                pulumi.night()
            words = [command.split()[0], "--yes", "--json", "--skip-preview", *options]
            step, result = _of_events(pulumi.run(*words)[1])
        yield {"command": command, "config": dict(settings), "result": result, "operations": step}


def _renamed(folder: Path) -> dict[str, Any]:
    """What `pulumi new` and a first preview of `prod` make of the program under another name."""
    template, program, state = (folder / name for name in ("template", NEW_NAME, "state"))
    for each in (template, program, state):
        each.mkdir()
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=PROGRAM, capture_output=True, text=True, check=True).stdout
    for name in files.splitlines():
        if (PROGRAM / name).is_file():
            (template / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROGRAM / name, template / name)
    new = ["pulumi", "new", str(template), "--name", NEW_NAME, "--generate-only", "--yes", "--force"]
    subprocess.run([*new, "--dir", str(program)], cwd=program, check=True)
    (program / ".venv").symlink_to(PROGRAM / ".venv")
    shown = json.loads(Pulumi(program, "prod", state).run("preview", "--json")[1])
    states = [one["newState"] for one in shown["steps"]]
    [provider] = [one for one in states if one["type"] == "pulumi:providers:aws"]
    names = sorted(_short(one["urn"]) for one in states)
    return {"name": NEW_NAME, "default_tags": json.loads(provider["inputs"]["defaultTags"]), "urns": names}


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
