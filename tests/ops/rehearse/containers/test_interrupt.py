"""What a rehearsal leaves that is ended from outside, with programs that stand for Docker's."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.local.services import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has an engine of the rehearsal's own")

DOCKERD = """#!/bin/sh
echo $$ > {folder}/dockerd.pid
exec sleep 300
"""
# The first listing lasts as long as the engine does, and says when it has begun.
DOCKER = """#!/bin/sh
echo "$@" >> {folder}/calls
case "$1 $2" in
  version*) echo 26.1.5 ;;
  "container ls")
    if mkdir {folder}/listing; then
      while kill -0 "$(cat {folder}/dockerd.pid)"; do sleep 0.1; done
    fi
    echo left-over ;;
esac
"""


def wait_for(file: Path, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 120
    while not file.exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_signal_ends_the_engine_and_its_containers(tmp_path: Path) -> None:
    for name, text in {"dockerd": DOCKERD, "docker": DOCKER}.items():
        (tmp_path / name).write_text(text.format(folder=tmp_path))
        (tmp_path / name).chmod(0o755)
    own = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "ops", "rehearse", "--tier", "micro", "--output", str(tmp_path / "output")],
        cwd=ROOT,
        env={**os.environ, **own},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(tmp_path / "listing", process)
    engine = int((tmp_path / "dockerd.pid").read_text())
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "rehearse: interrupted; everything that was started has ended" in said
    assert not Path(f"/proc/{engine}").exists()
    assert "container rm --force --volumes left-over" in (tmp_path / "calls").read_text().splitlines()
