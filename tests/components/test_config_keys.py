"""The config keys' declarations, and the stack files that use them."""

from pathlib import Path

import pytest
import yaml

from components.config.keys import Key, key
from components.config.tiers import TIERS
from components.settings import KEYS, Settings, config_keys, tier_values

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("declared", KEYS, ids=lambda declared: declared.name)
def test_key_has_a_default_or_a_value_a_tier(declared: Key) -> None:
    assert declared.description
    assert (declared.default is None) == (tuple(declared.tiers) == TIERS)
    assert tuple(declared.tiers) in ((), TIERS), "in the order in which the reference shows them"


@pytest.mark.parametrize("values", [{}, {"default": 1, "micro": 1}, {"micro": 1, "learning": 2}])
def test_incomplete_declaration_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="give either a default or a value for each of micro"):
        key("what it does", **values)


@pytest.mark.parametrize("tier", TIERS)
def test_tier_values_are_valid(tier: str) -> None:
    settings = Settings.from_config({"tier": tier})
    assert settings.network.nat == tier_values(tier)["nat"]


@pytest.mark.parametrize(("stack", "tier"), [("dev", "learning"), ("prod", "production")])
def test_stack_file_names_its_tier_but_no_project(stack: str, tier: str) -> None:
    """Pulumi gives a key without a namespace that of the project, whatever it is called."""
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    own = {name: value for name, value in config.items() if ":" not in name}
    assert own.keys() <= config_keys()
    assert Settings.from_config(own).tier == tier
