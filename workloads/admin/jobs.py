"""What a button starts: the workloads' own commands, as processes: what they import ends with them."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workloads.admin.settings import Settings

_STOP_SECONDS = 1  # a command that does not end is killed: somebody waits for the page


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run of a command.

    Args:
        title: What it does, in words.
        by: Who began it.
        began: In seconds since 1970.
        ended: Likewise; 0 while it runs.
        succeeded: Whether it did what it should.
        said: Its result, or why there is none.
    """

    title: str
    by: str
    began: float
    ended: float = 0.0
    succeeded: bool = False
    said: str = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self.ended


class Runner:
    """Runs one command at a time, and remembers the last one."""

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, **environment(settings)}
        self._process: subprocess.Popen[str] | None = None
        self._waiting: threading.Thread | None = None
        self._lock = threading.Lock()
        self.job: Job | None = None

    def start(self, title: str, by: str, arguments: Sequence[str]) -> bool:
        """Starts `python -m <arguments>`; False when the one before still runs."""
        with self._lock:
            if self.job and self.job.running:
                return False
            errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - the thread below closes it
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
            self.job = Job(title=title, by=by, began=time.time())
            self._waiting = threading.Thread(target=self._wait, args=(self._process, errors), daemon=True)
            self._waiting.start()
        return True

    def stop(self) -> None:
        """Ends what runs, and returns when it has; a process that does not end is killed."""
        process, waiting = self._process, self._waiting
        if process is None or waiting is None:
            return
        for end in (process.terminate, process.kill):
            if not self.job or not self.job.running:
                return
            end()
            waiting.join(_STOP_SECONDS)

    def _wait(self, process: "subprocess.Popen[str]", errors: Any) -> None:
        output, _ = process.communicate()
        with errors:
            errors.seek(0)
            said = errors.read()
        assert self.job
        stopped = process.returncode < 0
        ok = process.returncode == 0 or stopped
        words = "stopped" if stopped else _words(output) if ok else _last_line(said)
        self.job = replace(self.job, ended=time.time(), succeeded=ok, said=words)


def environment(settings: Settings) -> dict[str, str]:
    """The variables by which the workloads' commands find what these settings name."""
    found = {
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        "CHALLENGER_ALIAS": settings.challenger_alias,
        "DATA_BUCKET": settings.data_bucket,
        "KINESIS_STREAM_NAME": settings.stream_name,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_PASSWORD": settings.mlflow_password,
        "MLFLOW_TRACKING_URI": settings.mlflow_uri,
        "MLFLOW_TRACKING_USERNAME": settings.mlflow_username,
        "MODEL_ALIAS": settings.model_alias,
        "MODEL_NAME": settings.model_name,
        "REPORTS_BUCKET": settings.reports_bucket,
    }
    return {name: value for name, value in found.items() if value}


def _words(output: str) -> str:
    """What a command printed as JSON, in words."""
    try:
        found: Mapping[str, Any] = json.loads(output)
    except ValueError:
        return output.strip()[-300:]
    if "sent" in found:
        return f"{found['sent']} events sent"
    if "alias" in found:
        before = f", before {found['previous']}" if found["changed"] and found["previous"] else ""
        return (
            f"{found['alias']} is version {found['version']}{before if found['changed'] else ', as it was'}"
        )
    return output.strip()[-300:]


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][-500:] if lines else "it ended without a word; look at the container's log"
