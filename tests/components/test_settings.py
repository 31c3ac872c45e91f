"""A stack's config is one frozen `Settings`, or one message that lists every problem."""

import json

import pulumi
import pytest

from components.settings import Settings, SettingsError
from tests.components.refusals import name_stack, refused


@pytest.fixture(autouse=True)
def stack() -> None:
    name_stack()


def test_empty_config_is_the_learning_tier() -> None:
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
def test_tier_sets_its_row(tier: str, nat: str, days: int, force: bool) -> None:
    settings = Settings.from_config({"tier": tier})
    assert settings.network.nat == nat
    assert settings.streaming.log_retention_days == settings.network.log_retention_days == days
    assert settings.storage.force_destroy is force


def test_key_overrides_its_tier_in_every_section() -> None:
    settings = Settings.from_config({"tier": "production", "nat": "gateway", "logRetentionDays": "365"})
    assert settings.network.nat == "gateway"
    assert settings.network.log_retention_days == settings.streaming.log_retention_days == 365


def test_value_tier_leaves_a_key_to_the_tier() -> None:
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


def test_every_problem_has_a_line() -> None:
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
        other_keys=["taxi:nat", "docker:host"],
    )
    assert sorted(lines) == sorted(
        [
            "tier: got 'huge', allowed: micro, learning, standard, production",
            "kinesisShard: not a setting; did you mean kinesisShards?",
            "aws:regoin: not an option of the AWS provider; did you mean aws:region?",
            "nat: got 'yes', allowed: none, instance, gateway, gateway-per-az",
            "vpcCidr: got '10.0.0.1/16', allowed: an IPv4 range with no host bits set, such as 10.0.0.0/16",
            "flowLogs: got 'perhaps', allowed: true or false",
            "kinesisShards: got '0', allowed: 1 to 10000",
            "lambdaTimeoutSeconds: got '901', allowed: 1 to 900",
            "logRetentionDays: got 8, allowed: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, "
            "731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
            "taxi:nat: a setting of project 'taxi', and this project is 'mlops-taxi-prediction'; "
            "in Pulumi.dev.yaml write nat: without a project's name",
        ]
    )


@pytest.mark.parametrize("stack", ["Dev", "a_b", "a.b", "a--b", "a-", "x" * 20])
def test_stack_name_that_aws_refuses(stack: str) -> None:
    name_stack(stack)
    [line] = refused({})
    assert line.startswith(f"name of the stack: got {stack!r}, allowed: ")
    assert "`pulumi stack rename NAME`" in line


def test_project_name_that_aws_refuses() -> None:
    name_stack(project="Taxi")
    [line] = refused({})
    assert line.startswith("name in Pulumi.yaml: got 'Taxi', allowed: a-z, 0-9 and single hyphens")
    name_stack(project="t" * 39)
    assert "name of the stack: got 'dev', allowed: up to 1 characters" in refused({})[0]
    name_stack(project="t" * 60)
    assert refused({})[0].endswith("allowed: 23 characters less")


def test_secret_is_never_shown() -> None:
    [line] = refused({"kinesisShards": "hunter2"}, secrets={"kinesisShards"})
    assert line == "kinesisShards: got a secret, allowed: 1 to 10000"


def test_long_values_are_cut() -> None:
    [line] = refused({"lambdaFunctionName": "x" * 100_000})
    assert len(line) < 200


def test_loading_reads_the_namespaces_of_project_and_provider() -> None:
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
