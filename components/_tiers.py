"""What each cost tier sets; every cell is a config key that the stack can override."""

from typing import Any, Literal, get_args

Tier = Literal["micro", "learning", "standard", "production"]
TIERS: tuple[str, ...] = get_args(Tier)

PRESETS: dict[str, dict[str, Any]] = {
    "micro": {"nat": "none", "logRetentionDays": 7, "forceDestroy": True, "flowLogs": False},
    "learning": {"nat": "none", "logRetentionDays": 7, "forceDestroy": True, "flowLogs": False},
    "standard": {"nat": "instance", "logRetentionDays": 14, "forceDestroy": False, "flowLogs": False},
    "production": {"nat": "gateway-per-az", "logRetentionDays": 30, "forceDestroy": False, "flowLogs": True},
}

BY_TIER = "tier"  # a key's value that leaves the choice to the tier, and Pulumi.yaml's default for such keys
