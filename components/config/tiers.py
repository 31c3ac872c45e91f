"""The cost tiers."""

from typing import Literal, get_args

Tier = Literal["micro", "learning", "standard", "production"]
TIERS: tuple[Tier, ...] = get_args(Tier)
DEFAULT_TIER: Tier = "learning"
BY_TIER = "tier"  # a key's value that leaves the choice to the tier, and Pulumi.yaml's default for such keys
