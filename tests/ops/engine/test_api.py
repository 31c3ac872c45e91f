"""Inputs are held against AWS's own models of the API calls that they become."""

import json
import re
from typing import Any

import pytest
from botocore.loaders import Loader

from ops.engine import UNKNOWN
from ops.engine.api import request_problems, unmapped_inputs
from ops.engine.api.documented import Rule, rules
from tests.ops.engine.conftest import Program

STREAM, TASK = "aws:kinesis/stream:Stream", "aws:ecs/taskDefinition:TaskDefinition"
FUNCTION, GROUP = "aws:lambda/function:Function", "aws:lb/targetGroup:TargetGroup"
DAYS = "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288"
TAG_KEY = r"^(?![aA]{1}[wW]{1}[sS]{1}:)([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$"
ROLE = "arn:aws:iam::123456789012:role/predictor"


def task(**container: Any) -> dict[str, Any]:
    containers = [{"name": "worker", "image": "worker:1", **container}]
    return {
        "family": "worker",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": json.dumps(containers),
    }


def function(**inputs: Any) -> dict[str, Any]:
    return {"name": "predictor", "role": ROLE, "imageUri": "predictor:1", **inputs}


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (STREAM, {"name": "rides", "shardCount": 1, "streamModeDetails": {"streamMode": "PROVISIONED"}}),
        (STREAM, {"name": UNKNOWN, "shardCount": None}),
        (TASK, task(startTimeout=120)),
        (TASK, {**task(startTimeout=900), "requiresCompatibilities": ["EC2"]}),
        (FUNCTION, function(timeout=30, tags={"Project": "rides"})),
        (GROUP, {"port": 80, "protocol": "HTTP", "healthCheck": {"matcher": "200", "interval": 30}}),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {
            "name": "a", "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1,
            "dimensions": {"FunctionName": "predictor"},
        }),
        ("aws:secretsmanager/secret:Secret", {"name": "key", "recoveryWindowInDays": 30.0}),
        ("aws:made/up:Type", {"anything": "goes"}),
    ],
)  # fmt: skip
def test_accepts_what_aws_accepts(type_: str, inputs: dict[str, Any]) -> None:
    assert request_problems(type_, inputs) == []
    assert unmapped_inputs(type_, inputs) == []


@pytest.mark.parametrize(
    ("type_", "inputs", "problem"),
    [
        (STREAM, {"name": "taxi rides"}, "name: got 'taxi rides'; must match [a-zA-Z0-9_.-]+"),
        (
            STREAM,
            {"name": "r" * 129},
            f"name: got '{'r' * 76}...; allowed: 1 to 128 characters, got 129",
        ),
        (STREAM, {"name": "r", "shardCount": 0}, "shardCount: got 0; allowed: at least 1"),
        (
            STREAM,
            {"name": "r", "streamModeDetails": {"streamMode": "ON-DEMAND"}},
            "streamModeDetails.streamMode: got 'ON-DEMAND'; allowed: PROVISIONED, ON_DEMAND",
        ),
        (STREAM, {"name": "r", "streamModeDetails": {}}, "streamModeDetails: kinesis requires StreamMode"),
        (
            STREAM,
            {"name": "r", "retentionPeriod": 9000},
            "retentionPeriod: got 9000; allowed: 24 to 8760; AWS: \"The maximum value of a stream's "
            'retention period is 8760 hours (365 days)."',
        ),
        (
            TASK,
            task(startTimeout=900),
            "containerDefinitions[0].startTimeout: got 900; allowed: 2 to 120; "
            'AWS: "The valid values for Fargate are 2-120 seconds."',
        ),
        (TASK, task(startTimeuot=9), "containerDefinitions[0].startTimeuot: no such key"),
        (
            TASK,
            task(dependsOn=[{"containerName": "a", "condition": "DONE"}]),
            "containerDefinitions[0].dependsOn[0].condition: got 'DONE'; "
            "allowed: START, COMPLETE, SUCCESS, HEALTHY",
        ),
        (FUNCTION, function(memorySize=64), "memorySize: got 64; allowed: 128 to 32768"),
        (
            FUNCTION,
            {"name": "f", "imageUri": "i:1"},
            "lambda:CreateFunction requires Role, which no input gives",
        ),
        (
            FUNCTION,
            function(tags={"aws:owner": "x"}),
            f"tags.aws:owner: got 'aws:owner'; must match {TAG_KEY}",
        ),
        (
            GROUP,
            {"port": 80, "healthCheck": {"interval": 2}},
            "healthCheck.interval: got 2; allowed: 5 to 300",
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"name": "/rides", "retentionInDays": 8},
            f"retentionInDays: got 8; allowed: {DAYS}, 3653; "
            f'AWS: "Possible values are: {DAYS}, and 3653."',
        ),
    ],
)  # fmt: skip
def test_names_what_aws_refuses(type_: str, inputs: dict[str, Any], problem: str) -> None:
    """Where it is, what it got and what is allowed."""
    assert request_problems(type_, inputs) == [problem]


def test_suggests_the_nearest_of_many_values() -> None:
    (problem,) = request_problems("aws:ec2/instance:Instance", {"instanceType": "t3.medum"})
    assert re.fullmatch(
        r"instanceType: got 't3\.medum'; allowed: one of \d+ values, such as t3\.medium, .*", problem
    )


def test_hides_secrets() -> None:
    problems = request_problems(STREAM, {"name": "hunter 2"}, frozenset({("name",)}))
    assert problems == ["name: got [secret]; must match [a-zA-Z0-9_.-]+"]


def test_an_unmapped_input_is_named() -> None:
    assert unmapped_inputs(STREAM, {"name": "r", "shradCount": 1}) == ["shradCount"]


def test_preview_names_what_aws_refuses(program: Program) -> None:
    """Resource, property, value and what is allowed."""
    deployment = program.run('aws.kinesis.Stream("rides", name="taxi rides", shard_count=1)')
    assert deployment.exit_code == 1
    (error,) = deployment.errors
    assert error.urn == "urn:pulumi:dev::fixture::aws:kinesis/stream:Stream::rides"
    assert error.message == "name: got 'taxi rides'; must match [a-zA-Z0-9_.-]+"


@pytest.mark.parametrize(
    "rule", rules().values(), ids=lambda rule: f"{rule.service}-{rule.shape}.{rule.member}"
)
def test_documented_rules_quote_aws(rule: Rule) -> None:
    """The sentence stands in the installed model, or the rule names its page at AWS."""
    model = Loader().load_service_model(rule.service, "service-2")
    assert rule.member in model["shapes"][rule.shape]["members"]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", json.dumps(model, ensure_ascii=False)))
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", json.dumps(model, ensure_ascii=False)))
    if rule.source:
        assert rule.source.startswith("https://docs.aws.amazon.com/")
    else:
        assert rule.says in plain or rule.says in text
