"""The reference of the config keys says what the program does."""

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from components.config.tiers import PRESETS
from ops.config.cli import app
from ops.config.reference import keys, markdown

ROOT = Path(__file__).parents[3]


def test_every_key_of_the_project_file_is_listed_once_in_its_order() -> None:
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert [key.name for key in keys()] == list(schema)


def test_the_page_in_docs_is_current() -> None:
    assert (ROOT / "docs/configuration.md").read_text() == markdown(), "run `make docs`"


def test_a_search_as_json_finds_a_key_with_its_tiers() -> None:
    result = CliRunner().invoke(app, ["nat", "--json"])
    (nat,) = [key for key in json.loads(result.stdout) if key["name"] == "nat"]
    assert nat["tiers"] == {tier: preset["nat"] for tier, preset in PRESETS.items()}


@pytest.mark.parametrize(("word", "code"), [("shards", 0), ("nothing of the kind", 1)])
def test_the_exit_code_says_whether_anything_matched(word: str, code: int) -> None:
    result = CliRunner().invoke(app, [word])
    assert result.exit_code == code
    assert bool(re.search("kinesisShards", result.stdout)) == (code == 0)
