"""Kinesis to Lambda: the limits, the grants, where failures go, and who hears of them."""

from typing import Any

import pulumi
import pytest

from components.common.data_access import NamedArn
from components.streaming import Streaming, StreamingArgs, function_code
from components.streaming.lambda_package import PackageError
from components.streaming.settings import StreamingSettings
from tests.components.conftest import Deploy, Deployed
from tests.components.watching import watched
from tests.ops.event_source_mapping.simulation import Simulation, fail

BUCKET = "arn:aws:s3:::data"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:streaming-rides"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:streaming-dead-letters"


def made(deploy: Deploy, **settings: Any) -> Deployed:
    args = StreamingArgs(
        settings=StreamingSettings(**settings), data_bucket=NamedArn(name="data", arn=BUCKET)
    )
    return deploy(lambda: watched(Streaming("streaming", args)))


def test_the_stream_is_encrypted_and_has_one_shard_by_default(deploy: Deploy) -> None:
    stream = made(deploy).one("Stream").inputs
    assert (stream["shardCount"], stream["retentionPeriod"]) == (1, 24)
    assert stream["streamModeDetails"] == {"streamMode": "PROVISIONED"}
    assert (stream["encryptionType"], stream["kmsKeyId"]) == ("KMS", "alias/aws/kinesis")


NAMED = ("Stream", "Function", "LogGroup", "Queue", "Topic", "Role", "MetricAlarm")


def test_two_stacks_share_an_account_and_a_region(deploy: Deploy) -> None:
    def names(stack: str) -> set[str]:
        args = StreamingArgs(settings=StreamingSettings(), data_bucket=NamedArn(name="data", arn=BUCKET))
        deployed = deploy(lambda: watched(Streaming("streaming", args)), stack=stack)
        return {one.inputs["name"] for kind in NAMED for one in deployed.all(kind)}

    assert names("dev").isdisjoint(names("staging"))


def test_the_names_of_the_source_designs_can_be_had(deploy: Deploy) -> None:
    stream, function = "taxi-ride-predictions-stream", "taxi-trip-duration-predictor"
    deployed = made(deploy, kinesis_stream_name=stream, lambda_function_name=function)
    assert deployed.one("Stream").inputs["name"] == stream
    assert deployed.one("Function").inputs["name"] == function
    assert deployed.one("LogGroup").inputs["name"] == f"/aws/lambda/{function}"


def test_rides_wait_as_long_as_the_stream_keeps_them(deploy: Deploy) -> None:
    """Without a model every batch fails; retries must not end before the stream's retention nearly does."""
    mapping = made(deploy).one("EventSourceMapping").inputs
    assert (mapping["maximumRetryAttempts"], mapping["maximumRecordAgeInSeconds"]) == (-1, 23 * 3600)
    simulation = Simulation(fail, retention=24 * 3600)
    simulation.put("ride")
    running = simulation.mapping(
        maximum_retry_attempts=mapping["maximumRetryAttempts"],
        maximum_record_age_seconds=mapping["maximumRecordAgeInSeconds"],
    )
    running.run()
    assert len(simulation.batches) > 1000
    assert simulation.times[-1] - simulation.times[0] > 22.9 * 3600
    assert len(simulation.dead) == 1


@pytest.mark.parametrize(("hours", "seconds"), [(24, 82_800), (168, 601_200), (8760, 604_800)])
def test_the_age_follows_the_stream_s_retention(deploy: Deploy, hours: int, seconds: int) -> None:
    mapping = made(deploy, kinesis_retention_hours=hours).one("EventSourceMapping").inputs
    assert mapping["maximumRecordAgeInSeconds"] == seconds


def test_an_age_without_end_is_allowed_as_by_aws(deploy: Deploy) -> None:
    mapping = made(deploy, mapping_maximum_record_age_seconds=-1).one("EventSourceMapping").inputs
    assert mapping["maximumRecordAgeInSeconds"] == -1


def test_an_age_that_aws_refuses_is_refused(deploy: Deploy) -> None:
    with pytest.raises(ValueError, match="mappingMaximumRecordAgeSeconds: got 59, allowed: 60 to 604800"):
        StreamingSettings(mapping_maximum_record_age_seconds=59)


def test_a_stream_on_demand_has_no_shard_count(deploy: Deploy) -> None:
    stream = made(deploy, kinesis_stream_mode="on-demand").one("Stream").inputs
    assert stream["streamModeDetails"] == {"streamMode": "ON_DEMAND"}
    assert "shardCount" not in stream


def test_function_is_a_published_zip(deploy: Deploy) -> None:
    """Behind the alias."""
    deployed = made(deploy, lambda_memory_mib=512, lambda_timeout_seconds=60)
    function = deployed.one("Function").inputs
    assert (function["packageType"], function["handler"], function["runtime"]) == (
        "Zip",
        "handler.handler",
        "python3.13",
    )
    assert (function["architectures"], function["memorySize"], function["timeout"]) == (["arm64"], 512, 60)
    assert function["publish"] is True
    alias = deployed.one("Alias").inputs
    assert (alias["name"], alias["functionVersion"]) == ("live", "1")


def test_the_function_reads_its_work_from_its_environment(deploy: Deploy) -> None:
    deployed = made(deploy, challenger_alias="challenger", challenger_share=0.25)
    assert deployed.one("Function").inputs["environment"]["variables"] == {
        "DATA_BUCKET": "data",
        "MODEL_NAME": "ride_duration_prediction_model",
        "MODEL_ALIAS": "champion",
        "MODEL_CHECK_SECONDS": "60",
        "CHALLENGER_ALIAS": "challenger",
        "CHALLENGER_SHARE": "0.25",
        "POWERTOOLS_SERVICE_NAME": "mlops-taxi-prediction-predictor-dev",
        "POWERTOOLS_METRICS_NAMESPACE": "mlops-taxi-prediction/dev",
        "LOG_LEVEL": "INFO",
        "REPORTED_METRICS": "ModelRefreshFailures,Predicted,Completed",
    }


def test_package_that_cannot_be_built_is_no_traceback(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_platform: Any) -> None:
        raise PackageError("the wheels cannot be had; check the network")

    monkeypatch.setattr(function_code, "build_zip", fail)
    with pytest.raises(pulumi.RunError, match=r"^the wheels cannot be had; check the network$"):
        made(deploy)


def test_an_image_that_lies_in_a_registry_is_used_as_it_is(deploy: Deploy) -> None:
    deployed = made(deploy, lambda_packaging="image", lambda_image_uri="registry/predictor:1")
    function = deployed.one("Function").inputs
    assert (function["packageType"], function["imageUri"]) == ("Image", "registry/predictor:1")
    assert "runtime" not in function
    assert not deployed.all("Image")


def test_image_is_built_for_the_architecture(deploy: Deploy) -> None:
    """Where no URI is given."""
    deployed = made(deploy, lambda_packaging="image", lambda_architecture="x86_64")
    image = deployed.one("Image").inputs
    assert image["build"]["platform"] == "linux/amd64"
    assert image["build"]["args"] == {"PYTHON_VERSION": "3.13"}
    assert deployed.one("Repository").inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    assert deployed.one("Function").inputs["imageUri"] == "registry/predictor@sha256:built"


def test_mapping_has_the_limits_of_the_config(deploy: Deploy) -> None:
    """And invokes the alias."""
    limits: dict[str, Any] = {
        "mapping_batch_size": 50,
        "mapping_batching_window_seconds": 2,
        "mapping_parallelization_factor": 3,
        "mapping_starting_position": "LATEST",
        "mapping_bisect": False,
        "mapping_maximum_retry_attempts": 4,
        "mapping_maximum_record_age_seconds": 600,
    }
    mapping = made(deploy, **limits).one("EventSourceMapping").inputs
    assert mapping == {
        "eventSourceArn": STREAM,
        "functionName": "arn:aws:lambda:us-east-1:123456789012:streaming-live",
        "startingPosition": "LATEST",
        "batchSize": 50,
        "maximumBatchingWindowInSeconds": 2,
        "parallelizationFactor": 3,
        "bisectBatchOnFunctionError": False,
        "maximumRetryAttempts": 4,
        "maximumRecordAgeInSeconds": 600,
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "destinationConfig": {"onFailure": {"destinationArn": QUEUE}},
    }


def test_the_role_may_do_exactly_what_the_predictor_does(deploy: Deploy) -> None:
    statements = made(deploy).one("RolePolicy").inputs["policy"]["Statement"]
    grants = {action: one["Resource"] for one in statements for action in one["Action"]}
    log_group = "arn:aws:cloudwatch:us-east-1:123456789012:streaming-predictor:*"
    assert grants == {
        "kinesis:DescribeStream": [STREAM],
        "kinesis:DescribeStreamSummary": [STREAM],
        "kinesis:GetRecords": [STREAM],
        "kinesis:GetShardIterator": [STREAM],
        "kinesis:ListShards": [STREAM],
        "s3:GetObject": [f"{BUCKET}/models/ride_duration_prediction_model/*"],
        "s3:ListBucket": [BUCKET],
        "s3:PutObject": [
            f"{BUCKET}/predictions/*",
            f"{BUCKET}/actuals/*",
            f"{BUCKET}/rejected/*",
            f"{BUCKET}/challenger/*",
        ],
        "sqs:SendMessage": [QUEUE],
        "logs:CreateLogStream": [log_group],
        "logs:PutLogEvents": [log_group],
    }


def test_dead_letter_queue(deploy: Deploy) -> None:
    """Encrypted, kept for two weeks, reached over TLS alone."""
    deployed = made(deploy)
    queue = deployed.one("Queue").inputs
    assert (queue["sqsManagedSseEnabled"], queue["messageRetentionSeconds"]) == (True, 14 * 24 * 3600)
    [deny] = deployed.one("QueuePolicy").inputs["policy"]["Statement"]
    assert (deny["Effect"], deny["Resource"]) == ("Deny", [QUEUE])


@pytest.mark.parametrize(
    ("email", "warning_email", "subscribed"),
    [
        ("", "", {}),
        ("ops@x.org", "", {"alarms": "ops@x.org", "warnings": "ops@x.org"}),
        ("ops@x.org", "team@x.org", {"alarms": "ops@x.org", "warnings": "team@x.org"}),
        ("", "team@x.org", {"warnings": "team@x.org"}),
    ],
)
def test_addresses_are_optional(
    deploy: Deploy, email: str, warning_email: str, subscribed: dict[str, str]
) -> None:
    deployed = made(deploy, alarm_email=email, warning_email=warning_email)
    assert {
        one.name.split("-")[-2]: one.inputs["endpoint"] for one in deployed.all("TopicSubscription")
    } == subscribed


def test_logs_go_to_the_group_whose_retention_the_stack_sets(deploy: Deploy) -> None:
    deployed = made(deploy, log_retention_days=14)
    group = deployed.one("LogGroup").inputs
    assert (group["name"], group["retentionInDays"]) == (
        "/aws/lambda/mlops-taxi-prediction-predictor-dev",
        14,
    )
    assert deployed.one("Function").inputs["loggingConfig"]["logGroup"] == group["name"]
