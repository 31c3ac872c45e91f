"""The command line refuses what it cannot do before anything starts."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.sandbox.cli import app


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--stack", "nowhere"], "--stack: got 'nowhere', allowed: dev"),
        (["--tier", "gold"], "--tier: got 'gold', allowed: micro"),
        (["--train", "2023-13"], "--train: got '2023-13'"),
        (["--stream", "2016-06"], "--stream: got '2016-06'"),
        (["--validate", "2023-01"], "--validate: got '2023-01', allowed: a month after --train, 2023-01"),
        (["--stream", "2022-12"], "--stream: got '2022-12', allowed: a month after --train, 2023-01"),
        (["--events", "0"], "--events: got 0, allowed: 1 or more"),
        (["--data", "/no/such/folder"], "--data: got '/no/such/folder'"),
    ],
)
def test_refuses_options(words: list[str], named: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*words, "--output", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert named in result.stderr
    assert not (tmp_path / "out").exists()


def test_refuses_an_output_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("mine")
    result = CliRunner().invoke(app, ["--output", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"sandbox: --output: {tmp_path} holds files that no run made")
    assert (tmp_path / "summary.json").read_text() == "mine"


def test_output_folder_that_cannot_be_written() -> None:
    result = CliRunner().invoke(app, ["--output", "/proc/sandbox"])
    assert result.exit_code == 2
    assert result.stderr.startswith("sandbox: --output: /proc/sandbox cannot be written")
