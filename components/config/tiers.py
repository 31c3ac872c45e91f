"""What each cost tier sets; every cell is a config key that the stack can override."""

from typing import Any, Literal, get_args

Tier = Literal["micro", "learning", "standard", "production"]
TIERS: tuple[str, ...] = get_args(Tier)
DEFAULT_TIER: Tier = "learning"

_SMALL_FARGATE: dict[str, Any] = {
    "containerInsights": False,
    "ecsExec": True,
    "airflowExecutor": "local",
    "fargateBase": 0,
    "fargateWeight": 0,
    "fargateSpotWeight": 1,
    "rdsInstanceClass": "db.t4g.micro",
    "rdsMultiAz": False,
    "rdsBackupRetentionDays": 7,
    "rdsPerformanceInsights": False,
    "rdsEnhancedMonitoringSeconds": 0,
    "efsThroughputMode": "bursting",
    "efsBackup": False,
    "apiServerCount": 1,
    "apiServerCpu": 512,
    "apiServerMemoryMib": 1024,
    "schedulerCount": 1,
    "schedulerCpu": 512,
    "schedulerMemoryMib": 2048,
    "dagProcessorCpu": 256,
    "dagProcessorMemoryMib": 1024,
    "triggererCount": 1,
    "triggererCpu": 256,
    "triggererMemoryMib": 1024,
    "mlflowCount": 1,
    "mlflowCpu": 256,
    "mlflowMemoryMib": 2048,
}
_LARGE_FARGATE: dict[str, Any] = {
    "containerInsights": True,
    "ecsExec": False,
    "airflowExecutor": "ecs",
    "fargateBase": 1,
    "fargateWeight": 1,
    "fargateSpotWeight": 1,
    "rdsInstanceClass": "db.t4g.small",
    "rdsMultiAz": True,
    "rdsBackupRetentionDays": 7,
    "rdsPerformanceInsights": True,
    "rdsEnhancedMonitoringSeconds": 60,
    "efsThroughputMode": "elastic",
    "efsBackup": True,
    "apiServerCount": 2,
    "apiServerCpu": 1024,
    "apiServerMemoryMib": 2048,
    "schedulerCount": 2,
    "schedulerCpu": 1024,
    "schedulerMemoryMib": 2048,
    "dagProcessorCpu": 512,
    "dagProcessorMemoryMib": 2048,
    "triggererCount": 2,
    "triggererCpu": 256,
    "triggererMemoryMib": 1024,
    "mlflowCount": 2,
    "mlflowCpu": 512,
    "mlflowMemoryMib": 2048,
}

# What a stack of the other variant gets when it is switched to Compose is as large as its Fargate services.
_ONE_SPOT_INSTANCE: dict[str, Any] = {
    "orchestrationInstanceType": "t4g.medium",
    "orchestrationSpot": True,
    "frontendInstance": False,
    "composeExecutor": "local",
}
_TWO_INSTANCES: dict[str, Any] = {
    "orchestrationInstanceType": "t4g.medium",
    "orchestrationSpot": False,
    "frontendInstance": True,
    "composeExecutor": "celery",
}

PRESETS: dict[str, dict[str, Any]] = {
    "micro": {
        "orchestrationVariant": "compose",
        "nat": "none",
        "flowLogs": False,
        "logRetentionDays": 7,
        "forceDestroy": True,
        "deletionProtection": False,
        "schedule": "office-hours",
        "rdsFinalSnapshot": False,
        **_SMALL_FARGATE,
        **_ONE_SPOT_INSTANCE,
    },
    "learning": {
        "orchestrationVariant": "compose",
        "nat": "none",
        "flowLogs": False,
        "logRetentionDays": 7,
        "forceDestroy": True,
        "deletionProtection": False,
        "schedule": "office-hours",
        "rdsFinalSnapshot": False,
        **_SMALL_FARGATE,
        **_TWO_INSTANCES,
    },
    "standard": {
        "orchestrationVariant": "fargate",
        "nat": "instance",
        "flowLogs": False,
        "logRetentionDays": 14,
        "forceDestroy": False,
        "deletionProtection": False,
        "schedule": "always-on",
        "rdsFinalSnapshot": True,
        **_SMALL_FARGATE,
        **_TWO_INSTANCES,
        "orchestrationInstanceType": "t4g.large",
    },
    "production": {
        "orchestrationVariant": "fargate",
        "nat": "gateway-per-az",
        "flowLogs": True,
        "logRetentionDays": 30,
        "forceDestroy": False,
        "deletionProtection": True,
        "schedule": "always-on",
        "rdsFinalSnapshot": True,
        **_LARGE_FARGATE,
        **_TWO_INSTANCES,
        "orchestrationInstanceType": "m7g.xlarge",
    },
}

BY_TIER = "tier"  # a key's value that leaves the choice to the tier, and Pulumi.yaml's default for such keys
