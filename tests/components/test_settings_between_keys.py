"""Keys that do not fit each other are refused, with what does."""

import itertools
import json

import pytest

from components.settings import Settings
from tests.components.refusals import name_stack, refused


@pytest.fixture(autouse=True)
def stack() -> None:
    name_stack()


BETWEEN_KEYS = [
    (
        {"vpcCidr": "10.0.0.0/24"},
        "vpcCidr: 10.0.0.0/24 holds 1 subnets of /24 and 2 availability zones need 5; "
        "widen vpcCidr, raise subnetPrefix (got 24) or lower availabilityZoneCount",
    ),
    (
        {"privateSubnetCidrs": '["10.1.0.0/24", "10.0.9.0/24"]'},
        "vpcCidr, subnetPrefix, publicSubnetCidrs, privateSubnetCidrs: 10.1.0.0/24 is not within 10.0.0.0/16",
    ),
    (
        {"privateSubnetCidrs": '["10.0.1.128/25", "10.0.9.0/24"]'},
        "vpcCidr, subnetPrefix, publicSubnetCidrs, privateSubnetCidrs: 10.0.1.0/24 and 10.0.1.128/25 overlap",
    ),
    (
        {"publicSubnetCidrs": '["10.0.1.0/24"]'},
        "publicSubnetCidrs: got 1 ranges, availabilityZoneCount is 2; give one a zone",
    ),
    (
        {"vpcCidr": "10.0.0.0/8"},
        "vpcCidr, subnetPrefix, publicSubnetCidrs, privateSubnetCidrs: 10.0.0.0/8 is not between /16 and /28",
    ),
    (
        {"existingPublicSubnetIds": '["subnet-0123abcd"]'},
        "existingPublicSubnetIds: got subnet-0123abcd without existingVpcId; name the VPC, or remove the ids",
    ),
    (
        {"interfaceEndpoints": '["s3"]'},
        "interfaceEndpoints: got 's3', which the VPC has a gateway endpoint for, at no cost; remove it "
        "(only a VPC of existingVpcId may have it)",
    ),
    (
        {"mappingMaximumRecordAgeSeconds": "90000"},
        "mappingMaximumRecordAgeSeconds: got 90000, allowed: up to 86400, the stream's retention "
        "(a record that expires there first never reaches the dead-letter queue); lower it, or raise "
        "kinesisRetentionHours",
    ),
    (
        {"bucketSuffix": "a" * 21},
        f"bucketSuffix: got '{'a' * 21}', allowed: 3 characters less, because buckets' names, which hold "
        "the project's and the stack's, have 63 at most",
    ),
    (
        {"rdsBackupWindow": "23:30-00:30", "rdsMaintenanceWindow": "Mon:00:00-Mon:00:30"},
        "rdsMaintenanceWindow: got 'Mon:00:00-Mon:00:30', which overlaps rdsBackupWindow (23:30-00:30); "
        "RDS wants them apart",
    ),
    (
        {"rdsBackupWindow": "00:00-00:30", "rdsMaintenanceWindow": "Sun:23:45-Mon:00:15"},
        "rdsMaintenanceWindow: got 'Sun:23:45-Mon:00:15', which overlaps rdsBackupWindow (00:00-00:30); "
        "RDS wants them apart",
    ),
    (
        {"swapGib": "3", "orchestrationVolumeGib": "10"},
        "swapGib: got 3, allowed: up to 2, which leaves 8 GiB of orchestrationVolumeGib (10) to the system "
        "and the images; lower it, or widen the volume",
    ),
    (
        {"workerMemoryMib": "999999"},
        "workerCpu, workerMemoryMib: got 999999 MiB with 1024 CPU units, allowed: 2048 to 8192 MiB "
        "in steps of 1024",
    ),
]


@pytest.mark.parametrize(("config", "line"), BETWEEN_KEYS, ids=lambda value: str(value)[:40])
def test_keys_that_do_not_fit_are_refused(config: dict[str, str], line: str) -> None:
    assert refused(config) == [line]


@pytest.mark.parametrize(("config", "line"), BETWEEN_KEYS, ids=lambda value: str(value)[:40])
def test_wrong_value_hides_no_other_problem(config: dict[str, str], line: str) -> None:
    """One in the same section, which the problem does not depend on, leaves it in the message."""
    wrong = {
        "flowLogs": "perhaps",
        "lambdaMemoryMib": "1",
        "forceDestroy": "maybe",
        "containerInsights": "perhaps",
    }
    lines = refused({**config, **wrong})
    assert line in lines
    assert {one.partition(":")[0] for one in lines if one != line} == {*wrong}


@pytest.mark.parametrize("config", [config for config, _ in BETWEEN_KEYS], ids=str)
def test_problem_waits_for_the_keys_that_it_depends_on(config: dict[str, str]) -> None:
    """While one of its keys has a wrong value, only that is reported."""
    for key in config:
        wrong = "[7]" if config[key].startswith("[") else "{}"
        lines = refused({**config, key: wrong})
        assert {line.partition(":")[0].partition("[")[0] for line in lines} == {key}


def test_existing_vpc_needs_its_subnets() -> None:
    lines = refused({"existingVpcId": "vpc-0123456789abcdef0"})
    assert [line.split(":")[0] for line in lines] == ["existingPublicSubnetIds", "existingPrivateSubnetIds"]


FARGATE_ENDPOINTS = ["ecr.api", "ecr.dkr", "logs", "monitoring", "secretsmanager", "sns"]


@pytest.mark.parametrize(
    ("tier", "needed"),
    [
        ("standard", [*FARGATE_ENDPOINTS, "ssmmessages"]),
        ("production", [*FARGATE_ENDPOINTS, "ecs"]),
    ],
)
def test_fargate_without_a_way_out_needs_endpoints(tier: str, needed: list[str]) -> None:
    closed = {"tier": tier, "nat": "none"}
    [line] = refused(closed)
    assert line.startswith(f"nat: got 'none' without interfaceEndpoints for {', '.join(needed)}, which")
    for missing in itertools.combinations(needed, len(needed) - 1):
        assert refused({**closed, "interfaceEndpoints": json.dumps(missing)})
    settings = Settings.from_config({**closed, "interfaceEndpoints": json.dumps(needed)})
    assert settings.network.nat == "none"


def test_instances_need_no_endpoints() -> None:
    """They stand in the public subnets."""
    assert Settings.from_config({"tier": "learning", "nat": "none"}).network.interface_endpoints == ()


def test_secret_is_not_shown_between_keys() -> None:
    [line] = refused({"bucketSuffix": "hunter2" * 4}, secrets={"bucketSuffix"})
    assert line == "bucketSuffix: does not fit bucketSuffix, which is secret and not shown"
