"""Pulumi.yaml describes exactly the keys that the program reads, with the defaults that it has."""

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from components.config.tiers import BY_TIER, PRESETS
from components.config.types import camel
from components.settings import SECTIONS, Settings, config_keys

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
TYPES = {bool: "boolean", int: "integer", str: "string", float: "string", tuple: "array"}


def test_it_has_every_key_and_no_other():
    assert set(SCHEMA) == config_keys()


@pytest.mark.parametrize("key", sorted(SCHEMA))
def test_every_key_has_a_type_a_description_and_a_default(key):
    assert {"type", "description", "default"} <= SCHEMA[key].keys()


@pytest.mark.parametrize("key", sorted(PRESETS["learning"]))
def test_what_depends_on_the_tier_is_left_to_it(key):
    assert (SCHEMA[key]["type"], SCHEMA[key]["default"]) == ("string", BY_TIER)


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_the_other_defaults_are_those_of_the_code(section):
    own = {camel(field.name): field.default for field in fields(SECTIONS[section])}
    own = {key: default for key, default in own.items() if key not in PRESETS["learning"]}
    for key, default in own.items():
        written = SCHEMA[key]["default"]
        assert SCHEMA[key]["type"] == TYPES[type(default)], key
        assert type(default)(written) == default, key


@pytest.mark.parametrize(("stack", "tier"), [("dev", "learning"), ("prod", "production")])
def test_the_stacks_are_of_their_tier(stack, tier):
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    prefix = "mlops-taxi-prediction:"
    own = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    assert own.keys() <= config_keys()
    assert Settings.from_config(own).tier == tier
