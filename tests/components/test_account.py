"""The stack's own partition and account, wherever one is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.common.iam import assume_role
from components.schedule import Schedule, ScheduleArgs
from components.schedule.settings import ScheduleSettings
from tests.components.conftest import ACCOUNT
from tests.components.test_schedule import PAUSABLES

COMPONENTS = Path(__file__).parents[2] / "components"
FOLDERS = ("common", "network", "schedule", "storage", "streaming")
VARIANTS = ("orchestration/compose", "orchestration/fargate")


@pytest.mark.parametrize("folder", [*FOLDERS, *VARIANTS])
def test_no_arn_names_the_partition(folder: str) -> None:
    """GovCloud and China have partitions of their own."""
    fixed = [str(path) for path in (COMPONENTS / folder).rglob("*.py") if "arn:aws:" in path.read_text()]
    assert fixed == []


def test_a_call_is_made_in_the_stack_s_partition(deploy: Callable[..., Any]) -> None:
    args = ScheduleArgs(settings=ScheduleSettings(schedule="office-hours"), pausables=PAUSABLES)
    invokes = {"aws:index/getPartition:getPartition": {"partition": "aws-us-gov"}}
    deployed = deploy(lambda: Schedule("schedule", args), invokes=invokes)
    targets = {one.inputs["target"]["arn"] for one in deployed.all("aws:scheduler/schedule:Schedule")}
    assert "arn:aws-us-gov:scheduler:::aws-sdk:ec2:startInstances" in targets
    trust = deployed.one("Role").inputs["assumeRolePolicy"]["Statement"][0]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_trust_without_conditions_has_none() -> None:
    assert "Condition" not in assume_role("ec2.amazonaws.com")["Statement"][0]
