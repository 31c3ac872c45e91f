"""Every tier has a way to nothing, which a real engine went and the documentation gives."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.config.tiers import TIERS
from tests.integration.conftest import PROGRAM
from tests.integration.real_engine.taking_down import WAYS

RECORDED: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("real_engine").joinpath("taking_down.json").read_text("utf-8")
)
EACH = [pytest.param(way, id=f"{way['tier']} {way['goal']}".replace(" ", "-")) for way in RECORDED]
PAGE = (PROGRAM / "docs" / "taking-down.md").read_text("utf-8")


def test_the_ways_are_those_recorded() -> None:
    recorded = {
        (way["tier"], way["goal"]): tuple(step["command"] for step in way["steps"]) for way in RECORDED
    }
    assert recorded == WAYS, "record again: docs/engine.md"
    assert {tier for tier, goal in WAYS if goal == "destroy"} == set(TIERS)


@pytest.mark.parametrize("way", EACH)
def test_a_way_ends_as_it_should(way: dict[str, Any]) -> None:
    assert way["first_up_failed"] == (way["goal"] == "failed")
    *before, last = way["steps"]
    assert not any(step["failed"] for step in before)
    if way["goal"] == "destroy too early":
        assert last["failed"]
        assert last["left"] > 150, "nothing may be deleted before something protected is met"
    elif way["goal"] in TIERS:
        assert not last["failed"]
    else:
        assert (last["failed"], last["left"]) == (False, 0)


@pytest.mark.parametrize("way", EACH)
def test_the_page_gives_the_commands(way: dict[str, Any]) -> None:
    commands = [f"`{step['command']}`" for step in way["steps"]]
    one_row = ", ".join(commands)
    assert one_row in PAGE or all(f". {command}" in PAGE for command in commands)
