"""The last 24 hours: how they are counted, shown and kept, and what a page says that sees nothing itself."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.workloads.status.conftest import Serve, answer
from workloads.status import board as boards
from workloads.status.board import Board
from workloads.status.history import BAR_SECONDS, BARS, History
from workloads.status.page import html
from workloads.status.probe import ask, reach

NOWHERE = "255.255.255.255:443"  # the kernel itself says: network is unreachable
NOON = 1_700_049_600.0  # a whole half hour


def one(board: Board) -> dict[str, Any]:
    (target,) = board.report()["targets"]
    return dict(target)


def test_bars_of_a_day() -> None:
    now = NOON
    history = History(["one"], clock=lambda: now)
    history.add("one", "down")
    now += BAR_SECONDS
    history.add("one", "up")
    history.add("one", "slow")
    bars = history.bars("one")
    assert (len(bars), bars[-1].start, bars[-1].up, bars[-1].slow, bars[-2].down) == (BARS, now, 1, 1, 1)
    assert history.availability("one") == pytest.approx(200 / 3)
    now += 24 * 3600
    assert history.availability("one") is None


@pytest.mark.parametrize("jump", [-10 * 86400, -3600, 3600, 10 * 86400])
def test_size_is_bounded(jump: int) -> None:
    """Also where the machine's clock is set."""
    now = NOON
    history = History(["one"], clock=lambda: now)
    for _ in range(3 * BARS):
        history.add("one", "up")
        now += BAR_SECONDS
    now += jump
    history.add("one", "up")
    assert len(history._kept["one"]) <= BARS
    assert len(history.bars("one")) == BARS


def test_unknown_time_is_no_outage() -> None:
    history = History(["one"])
    history.add("one", "unknown")
    assert history.availability("one") is None
    history.add("one", "up")
    assert history.availability("one") == 100


def test_kept_over_a_restart(tmp_path: Path) -> None:
    file, now = tmp_path / "history.json", NOON
    first = History(["one", "gone"], file=file, clock=lambda: now)
    first.add("one", "down")
    first.save()
    now += BAR_SECONDS
    second = History(["one", "new"], file=file, clock=lambda: now)
    assert (second.bars("one")[-2].down, second.availability("new")) == (1, None)
    assert second.bars("one")[:-1] == first.bars("one")[:-1]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[1]",
        "{",
        "null",
        '{"one": [1]}',
        '{"one": [{"start": "x"}]}',
        '{"one": [{"odd": 1}]}',
        '{"one": 3}',
    ],
)
def test_damaged_file(tmp_path: Path, capfd: pytest.CaptureFixture[str], content: str) -> None:
    """It costs the history, not the page."""
    file = tmp_path / "history.json"
    file.write_text(content)
    history = History(["one"], file=file)
    history.add("one", "up")
    history.save()
    assert History(["one"], file=file).availability("one") == 100
    assert "cannot be read" in capfd.readouterr().err


def test_file_that_cannot_be_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    history = History(["one"], file=tmp_path / "none" / "history.json")
    for _ in range(2):
        history.add("one", "up")
        history.save(at_once=True)
    said = capfd.readouterr().err
    assert (said.count("cannot be written"), history.availability("one")) == (1, 100)


def test_slow_target(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "SLOW_MILLISECONDS", 0)
    board = Board({"one": serve(answer(b"OK"))}, interval_seconds=60)
    board.refresh()
    assert (one(board)["state"], board.report()["healthy"]) == ("slow", True)
    assert one(board)["history"][-1]["slow"] == 1
    assert "Everything is up, but something is slow" in html(board.report())


def test_flapping_target(serve: Serve) -> None:
    """It answers just now, and is still not called up."""
    bad, good = answer(b"", status="500 Error"), answer(b"OK")
    sent = [good, bad, good, bad, good]
    board = Board({"one": serve(lambda connection: connection.sendall(sent.pop(0)))}, interval_seconds=15)
    states = []
    while sent:
        board.refresh()
        states.append(one(board)["state"])
    assert states == ["up", "down", "up", "flapping", "flapping"]
    assert (one(board)["healthy"], board.report()["healthy"]) == (True, False)
    assert "up now; went up or down 4 times in 10 minutes" in html(board.report())


def test_cut_off() -> None:
    """Nothing is called down by a page that reaches nothing at all."""
    board = Board({"one": f"http://{NOWHERE}/"}, interval_seconds=60, reference=NOWHERE)
    board.refresh()
    report, page = board.report(), html(board.report())
    assert (report["cut_off"], report["healthy"], one(board)["state"]) == (True, False, "unknown")
    assert ("Cut off" in page, "is not up" in page, one(board)["availability_24h"]) == (True, False, None)


def test_down_while_the_network_works(serve: Serve) -> None:
    host = serve(b"").removeprefix("http://").partition("/")[0]
    board = Board({"one": f"http://{NOWHERE}/"}, interval_seconds=60, reference=host)
    board.refresh()
    assert (board.report()["cut_off"], one(board)["state"]) == (False, "down")


@pytest.mark.parametrize("reply", [answer(b"OK"), answer(b"", status="503 Busy"), b"", b"garbage\r\n\r\n"])
def test_any_reply_shows_that_the_network_works(serve: Serve, reply: bytes) -> None:
    """Without it, an unreachable reference would make outages disappear."""
    board = Board({"one": serve(reply)}, interval_seconds=60, reference=NOWHERE)
    board.refresh()
    assert board.report()["cut_off"] is False


def test_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = f"127.0.0.1:{free.getsockname()[1]}"
    assert ask("one", f"http://{closed}/", timeout_seconds=2).reached
    assert reach("one", closed, timeout_seconds=2).reached
    assert not ask("one", f"http://{NOWHERE}/", timeout_seconds=2).reached
    assert not reach("one", NOWHERE, timeout_seconds=2).reached


def test_process_keeps_its_history(tmp_path: Path) -> None:
    """`python -m workloads.status`, ended as Docker ends it."""
    file = tmp_path / "history.json"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "STATUS_TARGETS": f'{{"itself": "http://127.0.0.1:{port}/healthz"}}',
        "STATUS_PORT": str(port),
        "STATUS_HOST": "127.0.0.1",
        "STATUS_HISTORY_FILE": str(file),
        "STATUS_INTERVAL_SECONDS": "1",
    }
    page = subprocess.Popen([sys.executable, "-m", "workloads.status"], env=environment, cwd=Path.cwd())
    try:
        looks, deadline = 0, time.monotonic() + 60
        while looks < 2 and time.monotonic() < deadline:
            looks = _looks(port)
            time.sleep(0.05)
    finally:
        page.send_signal(signal.SIGTERM)
        assert page.wait(timeout=20) == 0
    kept = json.loads(file.read_text())["itself"]
    assert sum(bar["up"] + bar["down"] for bar in kept) >= 2


def _looks(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status.json", timeout=5) as found:
            (target,) = json.load(found)["targets"]
    except (OSError, ValueError):  # not there yet, nothing looked at yet, or not up
        return 0
    return sum(bar["up"] + bar["down"] for bar in target["history"])
