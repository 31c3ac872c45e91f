"""`make sandbox ARGS=--serve` as a person has it: in a terminal, with a browser, until Ctrl-C."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ops.local.processes import ProcessFile
from ops.local.services import ROOT
from tests.pages.browser import DESKTOP

SECONDS = 600  # a limit for each step, far above what it takes
CTRL_C = b"\x03"
RIDES = 400


class Terminal:
    """The sandbox in a terminal of its own, which `script` makes; what it prints goes to a file."""

    def __init__(self, folder: Path) -> None:
        self.output = folder / "sandbox"
        self._said = folder / "said"
        words = ["-m", "ops", "sandbox", "--serve", "--events", str(RIDES), "--output", str(self.output)]
        # A job in the background of a script ignores Ctrl-C, and so do its children. Without `exec`, dash
        # stays the sandbox's parent and dies of the Ctrl-C, which would hide the sandbox's exit code.
        command = " ".join(["exec", "env", "--default-signal=INT", sys.executable, *words])
        with self._said.open("wb") as said:
            self.popen = subprocess.Popen(
                ["script", "--quiet", "--return", "--flush", "--command", command, "/dev/null"],
                cwd=ROOT,
                env={**os.environ, "COLUMNS": "200", "TERM": "dumb"},
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._said.read_text(errors="replace"))

    def wait_for(self, pattern: str) -> str:
        """The first group of what it says, once it says it."""
        end = time.monotonic() + SECONDS
        while not (found := re.search(pattern, self.said())):
            assert self.popen.poll() is None, self.said()[-3000:]
            assert time.monotonic() < end, self.said()[-3000:]
            time.sleep(0.1)
        return found[1]

    def press_ctrl_c(self) -> int:
        """Its exit code."""
        assert self.popen.stdin
        self.popen.stdin.write(CTRL_C)
        self.popen.stdin.flush()
        return self.popen.wait(SECONDS)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    if terminal.popen.poll() is None:
        terminal.press_ctrl_c()


def test_from_the_start_to_ctrl_c(terminal: Terminal, browser: Browser) -> None:
    """Every printed word is true, every page has something to show, and nothing is left, nor lost."""
    url = terminal.wait_for(r"admin GUI: +(http://\S+)")
    password = terminal.wait_for(r"user admin, password (\S+)")
    page = browser.new_context(**DESKTOP).new_page()
    page.set_default_timeout(SECONDS * 1000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(url)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    count = page.locator("dl.figures dd").nth(2)
    expect(count).to_have_text(re.compile("[1-9]"))
    before = count.inner_text()
    terminal.wait_for(r"(feed of rides begins)")
    expect(count).not_to_have_text(before)
    page.goto(f"{url}/predict")
    page.get_by_label("From").fill("East Harlem North, Manhattan (74)")
    page.get_by_label("To", exact=True).fill("JFK Airport, Queens (132)")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.get_by_text("Predicted by version")).to_be_visible()
    terminal.wait_for(r"(every page has something to show)")
    page.goto(f"{url}/drift")
    expect(page.get_by_role("row").filter(has_text="2023-03-01")).to_contain_text(f"{RIDES}")
    page.goto(terminal.wait_for(r"status page: (http://\S+)"))
    expect(page.get_by_text("Everything is up").first).to_be_visible()
    page.context.close()
    processes = ProcessFile(terminal.output).read()
    assert {each.name for each in processes} >= {"moto", "mlflow", "admin", "status", "feed"}
    assert terminal.press_ctrl_c() == 0
    assert not any(each.running() for each in processes)
    summary = json.loads((terminal.output / "summary.json").read_text())
    assert summary["lost"] == summary["duplicated"] == 0
    assert said == []
