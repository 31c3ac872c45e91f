"""What each cost tier sets; every cell is a config key that the stack can override."""

from typing import Any, Literal, get_args

Tier = Literal["micro", "learning", "standard", "production"]
TIERS: tuple[str, ...] = get_args(Tier)

PRESETS: dict[str, dict[str, Any]] = {
    "micro": {
        "nat": "none",
        "flowLogs": False,
        "logRetentionDays": 7,
        "forceDestroy": True,
        "deletionProtection": False,
    },
    "learning": {
        "nat": "none",
        "flowLogs": False,
        "logRetentionDays": 7,
        "forceDestroy": True,
        "deletionProtection": False,
    },
    "standard": {
        "nat": "instance",
        "flowLogs": False,
        "logRetentionDays": 14,
        "forceDestroy": False,
        "deletionProtection": False,
    },
    "production": {
        "nat": "gateway-per-az",
        "flowLogs": True,
        "logRetentionDays": 30,
        "forceDestroy": False,
        "deletionProtection": True,
    },
}

BY_TIER = "tier"  # a key's value that leaves the choice to the tier, and Pulumi.yaml's default for such keys
