"""AutoML switched on, on every tier: its state machine, what starts it, and what it costs."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import boto3
import cfnlint.api
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ops.costs.estimate import estimate_of
from ops.costs.usage import usage
from ops.engine import Deployment
from ops.engine.report import as_dict
from tests.integration.test_policies import ROLE_POLICIES

TIERS = ("micro", "learning", "standard", "production")
ON = {
    "automl": "true",
    "automlStateMachine": "true",
    "automlSchedule": "rate(7 days)",
    "automlStudyDatabaseSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:studies",
    "automlTrainEngine": "dask",
}


@pytest.fixture(
    params=[pytest.param(tier, marks=pytest.mark.xdist_group(f"automl-{tier}")) for tier in TIERS]
)
def tier(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def switched_on(tier: str, graph: Any) -> Deployment:
    deployment: Deployment = graph("dev", tier, preview=False, **ON)
    return deployment


def test_the_definition_is_amazon_states_language(switched_on: Deployment) -> None:
    assert objections(definition(switched_on)) == []


@pytest.mark.xdist_group("automl-standard")
@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["States", "Train", "TimeoutSeconds"], "soon"),
        (["States", "Train", "TimoutSeconds"], 60),
        (["States", "Train", "Next"], None),
        (["States", "Train", "Retry", 1, "Backoff"], 2),
        (["States", "Train", "Retry", 1, "IntervalSeconds"], 0),
        (["States", "Train", "Catch", 0, "ErrorEquals"], ["States.ALL", "Mine"]),
        (["States", "Train", "HeartbeatSeconds"], 10**7),
        (["States", "Merge", "Parameters", "input.$"], "States.JsonMarge($, $$.Execution.Input, false)"),
        (["States", "Check", "Choices", 0, "And", 5, "NumericGreater"], 3),
        (["States", "Check", "Choices"], None),
        (["StartAt"], "Nowhere"),
    ],
    ids=str,
)
def test_a_mistake_would_be_found(graph: Any, place: list[Any], value: Any) -> None:
    """So that silence means something."""
    broken = definition(graph("dev", "standard", preview=False, **ON))
    *way, last = place
    part: Any = broken
    for key in way:
        part = part[key]
    part[last] = value
    if value is None:
        del part[last]
    assert objections(broken)


def objections(document: dict[str, Any]) -> list[str]:
    """What cfn-lint's schema and the grammar of LocalStack's interpreter, which moto has, find wrong."""
    properties = {"RoleArn": "arn:aws:iam::123456789012:role/one", "Definition": document}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    matches = cfnlint.api.lint_all(json.dumps({"Resources": {"Machine": machine}}))
    found = [str(match) for match in matches if match.rule.id.startswith("E")]
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        machines: Any = boto3.client("stepfunctions", "us-east-1")
        try:
            machines.create_state_machine(
                name="one", roleArn=properties["RoleArn"], definition=json.dumps(document)
            )
        except ClientError as error:
            found.append(str(error))
    return found


def test_every_state_leads_on_and_no_wait_is_for_ever(switched_on: Deployment) -> None:
    document = definition(switched_on)
    states = document["States"]
    reached = {document["StartAt"], *itertools.chain.from_iterable(map(following, states.values()))}
    assert reached == states.keys()
    assert document["TimeoutSeconds"] > 0
    for state in states.values():
        if state["Type"] == "Task":
            assert 0 < state["TimeoutSeconds"] <= document["TimeoutSeconds"]
            if state["Resource"].endswith(".sync"):
                assert 0 < state["HeartbeatSeconds"] < state["TimeoutSeconds"]
            assert state["Retry"]
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
        assert state["Type"] in ("Succeed", "Fail") or list(following(state))


def test_the_state_machine_may_tag_its_tasks(switched_on: Deployment) -> None:
    """Without it ECS refuses a RunTask that hands tags on."""
    tasks = [
        one for one in definition(switched_on)["States"].values() if "Cluster" in one.get("Parameters", {})
    ]
    assert [one["Parameters"]["PropagateTags"] for one in tasks] == ["TASK_DEFINITION"] * 3
    (policy,) = (
        one for one in switched_on.resources if one.name == "automl-state-machine" and "policy" in one.inputs
    )
    statements = {one["Sid"]: one for one in json.loads(policy.inputs["policy"])["Statement"]}
    assert statements["TagTasks"]["Action"] == ["ecs:TagResource"]
    assert statements["TagTasks"]["Resource"] == statements["Tasks"]["Resource"]
    assert statements["TagTasks"]["Condition"] == {"StringEquals": {"ecs:CreateAction": "RunTask"}}


def definition(deployment: Deployment) -> dict[str, Any]:
    (machine,) = (one for one in deployment.resources if one.type == "aws:sfn/stateMachine:StateMachine")
    document: dict[str, Any] = json.loads(machine.inputs["definition"])
    return document


def following(state: dict[str, Any]) -> Iterator[str]:
    """The states that may come after one."""
    yield from (state[key] for key in ("Next", "Default") if key in state)
    yield from (one["Next"] for key in ("Catch", "Choices") for one in state.get(key, ()))


@pytest.mark.parametrize("starter", ["micro", "standard"])
def test_a_training_may_start_it(starter: str, graph: Any) -> None:
    """What runs Airflow's tasks may start this machine; else Step Functions is for the schedule alone."""
    made = graph("dev", starter, preview=False, **ON, automlAfterTraining="true").resources
    (machine,) = (one for one in made if one.type == "aws:sfn/stateMachine:StateMachine")
    starts = {
        one.name: statement["Resource"]
        for one in made
        if one.type in ROLE_POLICIES
        for statement in json.loads(one.inputs["policy"])["Statement"]
        if "states:StartExecution" in statement["Action"]
    }
    airflow = {"micro": "orchestration-orchestration", "standard": "orchestration-airflow"}[starter]
    arn = f"arn:aws:states:us-east-1:123456789012:stateMachine:{machine.inputs['name']}"
    assert starts.pop(airflow) == [arn]
    assert starts.keys() == {"automl-schedule"}
    if starter == "standard":  # on the instance the variables are in its archive
        schedulers = [one for one in made if one.name == "orchestration-scheduler"]
        assert any(arn in str(one.inputs.get("containerDefinitions")) for one in schedulers)


def test_it_is_priced_by_what_its_tasks_run(switched_on: Deployment) -> None:
    """Ten hours a month by default, and nothing by the hour while nothing runs."""
    priced = estimate_of(as_dict(switched_on), usage())
    own = [line for line in priced.lines if line.component == "Automl" and line.unit.endswith("-hour")]
    assert {line.resource.rpartition("-")[2] for line in own} == {
        "optimize", "train", "predict", "pipeline", "worker"
    }  # fmt: skip
    assert {line.price.split(".")[0] for line in own} == {"fargate"}
    assert sum(line.usd for line in own) < 6
