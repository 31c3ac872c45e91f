"""The config keys are listed, and the files that are generated from their declarations are current."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.config.tiers import TIERS
from components.settings import tier_values
from ops.config.cli import app, generated


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.name)
def test_generated_file_is_current(path: Path) -> None:
    assert path.read_text() == generated()[path], "run `make docs`"


def test_search_as_json() -> None:
    result = CliRunner().invoke(app, ["nat", "--json"])
    (nat,) = [key for key in json.loads(result.stdout) if key["name"] == "nat"]
    assert nat["tiers"] == {tier: tier_values(tier)["nat"] for tier in TIERS}


@pytest.mark.parametrize(("word", "code"), [("shards", 0), ("nothing of the kind", 1)])
def test_exit_code_says_whether_a_key_matched(word: str, code: int) -> None:
    result = CliRunner().invoke(app, [word])
    assert result.exit_code == code
    assert ("kinesisShards" in result.stdout) == (code == 0)
