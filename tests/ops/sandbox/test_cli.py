"""The command line refuses what it cannot do before anything starts."""

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
        (["--validate", "2023-01"], "--validate: got '2023-01'"),
        (["--events", "0"], "--events: got 0, allowed: 1 or more"),
        (["--data", "/no/such/folder"], "--data: got '/no/such/folder'"),
    ],
)
def test_refuses_options(words, named, tmp_path):
    result = CliRunner().invoke(app, [*words, "--output", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert named in result.stderr
    assert not (tmp_path / "out").exists()
