"""A stack's config is one frozen `Settings`, or one message that lists every problem."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any, NoReturn

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.config.tiers import TIERS
from components.settings import Settings, SettingsError, config_keys


def refused(config: Mapping[str, str], **more: Any) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        Settings.from_config(config, **more)
    return [line.removeprefix("  - ") for line in str(raised.value).splitlines() if line.startswith("  - ")]


@pytest.fixture(autouse=True)
def stack() -> None:
    pulumi.runtime.set_mocks(_NoResources(), project="mlops-taxi-prediction", stack="dev", preview=False)
    pulumi.runtime.set_all_config({}, [])


class _NoResources(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> NoReturn:
        raise AssertionError(args.name)

    def call(self, args: pulumi.runtime.MockCallArgs) -> NoReturn:
        raise AssertionError(args.token)


def test_an_empty_config_is_the_learning_tier() -> None:
    settings = Settings.from_config({})
    assert (settings.tier, settings.network.nat, settings.network.log_retention_days) == (
        "learning",
        "none",
        7,
    )


@pytest.mark.parametrize(
    ("tier", "nat", "days", "force"),
    [
        ("micro", "none", 7, True),
        ("learning", "none", 7, True),
        ("standard", "instance", 14, False),
        ("production", "gateway-per-az", 30, False),
    ],
)
def test_a_tier_sets_its_row(tier: str, nat: str, days: int, force: bool) -> None:
    settings = Settings.from_config({"tier": tier})
    assert settings.network.nat == nat
    assert settings.streaming.log_retention_days == settings.network.log_retention_days == days
    assert settings.storage.force_destroy is force


def test_a_key_overrides_its_tier_in_every_section_that_reads_it() -> None:
    settings = Settings.from_config({"tier": "production", "nat": "gateway", "logRetentionDays": "365"})
    assert settings.network.nat == "gateway"
    assert settings.network.log_retention_days == settings.streaming.log_retention_days == 365


def test_the_value_tier_leaves_a_key_to_the_tier() -> None:
    settings = Settings.from_config({"tier": "standard", "nat": "tier", "logRetentionDays": "tier"})
    assert (settings.network.nat, settings.network.log_retention_days) == ("instance", 14)


def test_text_that_looks_like_a_number_stays_text() -> None:
    assert Settings.from_config({"kinesisStreamName": "1e5"}).streaming.kinesis_stream_name == "1e5"


def test_lists_come_as_json() -> None:
    chosen = json.dumps(["ecr.api", "logs"])
    assert Settings.from_config({"interfaceEndpoints": chosen}).network.interface_endpoints == (
        "ecr.api",
        "logs",
    )


def test_every_problem_is_listed_at_once_a_line_each() -> None:
    lines = refused(
        {
            "tier": "huge",
            "kinesisShard": "2",
            "kinesisShards": "0",
            "logRetentionDays": "8",
            "nat": "yes",
            "vpcCidr": "10.0.0.1/16",
            "flowLogs": "perhaps",
            "lambdaTimeoutSeconds": "901",
        },
        aws={"regoin": "us-east-1"},
    )
    assert sorted(lines) == sorted(
        [
            "tier: got 'huge', allowed: micro, learning, standard, production",
            "kinesisShard: not a setting; did you mean kinesisShards?",
            "aws:regoin: not an option of the AWS provider; did you mean aws:region?",
            "nat: got 'yes', allowed: none, instance, gateway, gateway-per-az",
            "vpcCidr: got '10.0.0.1/16', allowed: an IPv4 range with no host bits set, such as 10.0.0.0/16",
            "flowLogs: got 'perhaps', allowed: true or false",
            "kinesisShards: got '0', allowed: a whole number, 1 or more",
            "lambdaTimeoutSeconds: got '901', allowed: 1 to 900",
            "logRetentionDays: got 8, allowed: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, "
            "731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
        ]
    )


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (
            {"vpcCidr": "10.0.0.0/24"},
            "vpcCidr: 10.0.0.0/24 holds 1 subnets of /24 and 2 availability zones need 5; "
            "widen vpcCidr or raise subnetPrefix (got 24)",
        ),
        (
            {"privateSubnetCidrs": '["10.1.0.0/24", "10.0.9.0/24"]'},
            "vpcCidr, publicSubnetCidrs, privateSubnetCidrs: 10.1.0.0/24 is not within 10.0.0.0/16",
        ),
        (
            {"privateSubnetCidrs": '["10.0.1.128/25", "10.0.9.0/24"]'},
            "vpcCidr, publicSubnetCidrs, privateSubnetCidrs: 10.0.1.0/24 and 10.0.1.128/25 overlap",
        ),
        (
            {"publicSubnetCidrs": '["10.0.1.0/24"]'},
            "publicSubnetCidrs: got 1 ranges, availabilityZoneCount is 2; give one a zone",
        ),
        (
            {"vpcCidr": "10.0.0.0/8"},
            "vpcCidr, publicSubnetCidrs, privateSubnetCidrs: 10.0.0.0/8 is not between /16 and /28",
        ),
        (
            {"existingPublicSubnetIds": '["subnet-1"]'},
            "existingPublicSubnetIds: got subnet-1 without existingVpcId; name the VPC, or remove the ids",
        ),
        (
            {"mappingMaximumRecordAgeSeconds": "90000"},
            "mappingMaximumRecordAgeSeconds: got 90000, allowed: up to 86400, the stream's retention "
            "(a record that expires there first never reaches the dead-letter queue); lower it, or raise "
            "kinesisRetentionHours",
        ),
        (
            {"bucketSuffix": "Acme"},
            "bucketSuffix: got 'Acme', which names a bucket "
            "'mlops-taxi-prediction-monitoring-reports-dev-Acme', allowed: 63 of a-z, 0-9 and -, not 49; "
            "change bucketSuffix or the stack's name",
        ),
    ],
)
def test_what_no_single_key_shows_is_refused_too(config: dict[str, str], line: str) -> None:
    assert refused(config) == [line]


def test_an_existing_vpc_needs_its_subnets() -> None:
    lines = refused({"existingVpcId": "vpc-1"})
    assert [line.split(":")[0] for line in lines] == ["existingPublicSubnetIds", "existingPrivateSubnetIds"]


def test_a_secret_is_never_shown() -> None:
    [line] = refused({"kinesisShards": "hunter2"}, secrets={"kinesisShards"})
    assert line == "kinesisShards: got a secret, allowed: a whole number, 1 or more"


def test_the_provider_gets_the_aws_keys_in_its_own_words() -> None:
    settings = Settings.from_config(
        {},
        aws={
            "region": "eu-north-1",
            "skipCredentialsValidation": "true",
            "endpoints": '[{"s3": "http://x"}]',
        },
    )
    assert settings.aws == {
        "region": "eu-north-1",
        "skip_credentials_validation": True,
        "endpoints": [{"s3": "http://x"}],
    }


def test_a_secret_of_the_provider_stays_one() -> None:
    settings = Settings.from_config({}, aws={"secretKey": "hunter2"}, aws_secrets={"secretKey"})
    assert isinstance(settings.aws["secret_key"], pulumi.Output)


def test_loading_reads_the_project_s_and_the_provider_s_namespaces_alone() -> None:
    pulumi.runtime.set_all_config(
        {"mlops-taxi-prediction:tier": "micro", "aws:region": "eu-north-1", "docker:host": "huge"}, []
    )
    settings = Settings.load()
    assert (settings.tier, dict(settings.aws)) == ("micro", {"region": "eu-north-1"})


def test_settings_of_another_project_are_refused() -> None:
    pulumi.runtime.set_all_config({"mlops-taxi-prediction:tier": "micro", "taxi:nat": "gateway"}, [])
    with pytest.raises(
        SettingsError, match="taxi:nat: a setting of project 'taxi', and this project is 'mlops"
    ):
        Settings.load()


@given(config=st.dictionaries(st.sampled_from(sorted(config_keys())), st.text(max_size=12), max_size=6))
def test_no_config_ends_in_anything_but_settings_or_that_message(config: dict[str, str]) -> None:
    with contextlib.suppress(SettingsError):
        assert Settings.from_config(config).tier in TIERS
