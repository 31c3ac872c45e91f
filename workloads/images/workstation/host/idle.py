"""Powers the workstation off once nobody has used it for a while; a systemd timer runs it every minute.

Used is: a kernel that runs a cell or did lately, a terminal of JupyterLab that was typed in, a session on
another terminal or through Systems Manager, a GPU at work, and a share of a vCPU by whatever process, such as
a training that no kernel runs. Reads IDLE_MINUTES (0 never powers off), IDLE_CPU_PERCENT, RUN_FOLDER and
JUPYTER_RUNTIME_DIR; PROC is where processes are looked for. Imports the standard library alone, so that no
environment can break it.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

# After a longer pause the machine was hibernated or its clock was set: nobody could use it meanwhile.
_PAUSE_SECONDS = 300
_NOT_FOUND = 404
# https://www.kernel.org/doc/Documentation/admin-guide/devices.txt: the terminals of sessions
_PSEUDO_TERMINALS = range(136, 144)
_SESSION_WORKER = "ssm-session-wor"  # the kernel keeps 15 characters of a process's name


class Process(NamedTuple):
    """A process: its parent, its terminal's major number, its CPU seconds with ended children's."""

    name: str
    parent: int
    terminal: int
    cpu_seconds: float


class Seen(NamedTuple):
    """What a look at the machine is compared with at the next one."""

    at: float
    cpu_seconds: float
    used_at: float


def processes(proc: Path) -> dict[int, Process]:
    """Every process by its id, as proc_pid_stat(5) writes it."""
    tick = os.sysconf("SC_CLK_TCK")
    found = {}
    for folder in proc.iterdir():
        if folder.name.isdecimal():
            try:
                text = (folder / "stat").read_text()
            except OSError:
                continue  # it has ended meanwhile
            name = text[text.index("(") + 1 : text.rindex(")")]
            fields = text[text.rindex(")") + 2 :].split()
            found[int(folder.name)] = Process(
                name=name,
                parent=int(fields[1]),
                terminal=(int(fields[4]) >> 8) & 0xFFF,
                cpu_seconds=sum(map(int, fields[11:15])) / tick,
            )
    return found


def servers(folder: Path, running: Mapping[int, Process]) -> dict[int, dict[str, Any]]:
    """What each running Jupyter server wrote down of itself, by its process: `url`, `token` and more."""
    found = {}
    for path in folder.glob("jpserver-*.json"):
        server = json.loads(path.read_text())
        if server["pid"] in running:
            found[server["pid"]] = server
    return found


def kernels(server: Mapping[str, Any], since: float) -> Iterator[str]:
    """Kernels and terminals of the server that are at work, or were used after `since`.

    A server that answers with an error or not at all may have a kernel at work, and so counts as one.
    """
    for kind in ("kernels", "terminals"):
        request = urllib.request.Request(  # noqa: S310 - the server's own address
            f"{server['url']}api/{kind}", headers={"Authorization": f"token {server['token']}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
                items = json.load(answer)
        except (OSError, ValueError) as error:
            if getattr(error, "code", None) == _NOT_FOUND:
                continue  # a server without terminals
            yield f"JupyterLab does not list its {kind} ({error})"
            continue
        for item in items:
            used = datetime.fromisoformat(item["last_activity"]).timestamp()
            if item.get("execution_state") == "busy":
                yield "a kernel is busy"
            elif used > since:
                yield f"one of JupyterLab's {kind} was used lately"


def sessions(running: Mapping[int, Process], jupyter: Mapping[int, Any]) -> Iterator[str]:
    """Terminals and sessions of Systems Manager; JupyterLab's own terminals are asked for their last use."""
    for pid, process in running.items():
        if process.name == _SESSION_WORKER:
            yield "somebody is connected through Systems Manager"
        elif process.terminal in _PSEUDO_TERMINALS and not _below(pid, running, jupyter):
            yield f"a session is open ({process.name})"


def _below(pid: int, running: Mapping[int, Process], ancestors: Mapping[int, Any]) -> bool:
    while pid in running:
        if pid in ancestors:
            return True
        pid = running[pid].parent
    return False


def gpus() -> Iterator[str]:
    """GPUs at work, where there are any."""
    query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, check=False, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return
    for line in answer.split():
        if line != "0":
            yield f"a GPU is used to {line} %"


def uses(proc: Path, runtime: Path, last: Seen, now: Seen, *, cpu_percent: float, since: float) -> list[str]:
    """Why the machine counts as used; empty when it does not."""
    running = processes(proc)
    jupyter = servers(runtime, running)
    found = [text for server in jupyter.values() for text in kernels(server, since)]
    found += [*sessions(running, jupyter), *gpus()]
    percent = 100 * (now.cpu_seconds - last.cpu_seconds) / max(now.at - last.at, 0.001)
    if percent >= cpu_percent:
        found.append(f"{percent:.0f} % of a vCPU is used")
    return list(dict.fromkeys(found))


def main(environ: Mapping[str, str]) -> None:
    """Looks once; powers off when the last use is IDLE_MINUTES ago."""
    minutes = float(environ["IDLE_MINUTES"])
    if not minutes:
        return
    proc, state = Path(environ.get("PROC", "/proc")), Path(environ["RUN_FOLDER"], "idle.json")
    at, spent = time.time(), sum(one.cpu_seconds for one in processes(proc).values())
    last = _last(state)
    if last is None or not 0 < at - last.at < _PAUSE_SECONDS:
        _keep(state, Seen(at=at, cpu_seconds=spent, used_at=at))
        print("began to watch")
        return
    now = Seen(at=at, cpu_seconds=spent, used_at=last.used_at)
    found = uses(
        proc,
        Path(environ["JUPYTER_RUNTIME_DIR"]),
        last,
        now,
        cpu_percent=float(environ["IDLE_CPU_PERCENT"]),
        since=at - 60 * minutes,
    )
    _keep(state, now._replace(used_at=at) if found else now)
    if found:
        print("; ".join(found))
    elif at - now.used_at >= 60 * minutes:
        print(f"unused for {(at - now.used_at) / 60:.0f} minutes; powering off")
        sys.stdout.flush()
        subprocess.run(["systemctl", "poweroff"], check=True)


def _last(state: Path) -> Seen | None:
    try:
        return Seen(**json.loads(state.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _keep(state: Path, seen: Seen) -> None:
    draft = state.with_suffix(".new")
    draft.write_text(json.dumps(seen._asdict()))
    draft.replace(state)


if __name__ == "__main__":
    main(os.environ)
