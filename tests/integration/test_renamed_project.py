"""The program under another project name, as `pulumi new` gives it one."""

import json
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from ops.engine import Deployment, run
from ops.engine.model import masked
from ops.stack import cli
from tests.integration.conftest import PROGRAM

OLD, NEW = "mlops-taxi-prediction", "acme-rides"


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    """The program's folder under its new name; `pulumi new` rewrites no stack file."""
    for name in ("__main__.py", "components", "workloads", "lambda"):
        (tmp_path / name).symlink_to(PROGRAM / name)
    project = (PROGRAM / "Pulumi.yaml").read_text("utf-8")
    (tmp_path / "Pulumi.yaml").write_text(project.replace(f"name: {OLD}", f"name: {NEW}"), "utf-8")
    for stack in ("dev", "prod"):
        file = f"Pulumi.{stack}.yaml"
        (tmp_path / file).write_text((PROGRAM / file).read_text("utf-8"), "utf-8")
    return tmp_path


def preview(program: Path, stack: str) -> Deployment:
    deployment = run(program, stack=stack)
    assert deployment.exit_code == 0, deployment.errors
    return deployment


def test_stack_keeps_its_tier(renamed: Path) -> None:
    """No stack file names the project, so `prod` is not deployed with the default tier."""
    deployment = preview(renamed, "prod")
    assert deployment.tier == "production"
    [provider] = [one for one in deployment.resources if one.type == "pulumi:providers:aws"]
    assert provider.inputs["defaultTags"]["tags"]["Tier"] == "production"


def test_old_name_is_nowhere_in_the_graph(renamed: Path) -> None:
    for one in preview(renamed, "dev").resources:
        assert OLD not in f"{one.urn} {json.dumps(masked(one.inputs, frozenset()))}"


def test_settings_of_the_old_name_are_refused(renamed: Path) -> None:
    file = renamed / "Pulumi.dev.yaml"
    file.write_text(file.read_text("utf-8").replace("  tier:", f"  {OLD}:tier:"), "utf-8")
    [error] = run(renamed, stack="dev").errors
    assert f"{OLD}:tier: a setting of project {OLD!r}, and this project is {NEW!r}" in error.message
    assert "in Pulumi.dev.yaml write tier: without a project's name" in error.message


def test_a_real_engine_does_the_same(renamed: Path) -> None:
    """Recorded after `pulumi new`; a resource that came or went since is left out (`docs/engine.md`)."""
    file = Path(__file__).with_name("real_engine") / "renamed.json"
    recorded = json.loads(file.read_text("utf-8"))
    assert recorded["name"] == NEW
    tags = recorded["default_tags"]["tags"]
    assert (tags["Project"], tags["Tier"]) == (NEW, "production")
    assert OLD not in file.read_text("utf-8")
    offline = {one.urn.split("::", 2)[2] for one in preview(renamed, "prod").resources}
    real = {urn for urn in recorded["urns"] if not urn.startswith("pulumi:providers:")}
    assert len(offline & real) >= 0.9 * max(len(offline), len(real)), "record again: docs/engine.md"


@pytest.mark.parametrize("tier", ["learning", "production"])
def test_longest_stack_name_fits_every_resource(renamed: Path, tier: str) -> None:
    """The engine holds the names against AWS's models; one letter more is refused with the config."""
    longest = 30
    for length in (longest, longest + 1):
        (renamed / f"Pulumi.{'x' * length}.yaml").write_text(f"config: {{tier: {tier}}}\n", "utf-8")
    assert not run(renamed, stack="x" * longest).errors
    [error] = run(renamed, stack="x" * (longest + 1)).errors
    assert f"allowed: up to {longest} characters in project {NEW!r}" in error.message


def test_stack_commands_use_the_name_in_pulumi_yaml(renamed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "ROOT", renamed)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    with mock_aws():
        boto3.client("scheduler").create_schedule_group(Name=f"{NEW}-office-hours-dev")
        result = CliRunner().invoke(cli.app, ["wake", "--stack", "dev"])
    assert f"the schedule group {NEW}-office-hours-dev starts nothing" in result.output
