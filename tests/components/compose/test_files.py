"""What reaches an instance: user data, files, secrets, and what its role allows."""

import json
import shlex
import subprocess
from typing import Any

import yaml

from tests.components.compose.conftest import REPOSITORY, SECRET_ARN, files, instance, secret, statements


def test_user_data_names_the_files_and_holds_nothing_secret(compose: Any) -> None:
    deployed = compose()
    boot = instance(deployed)["userData"]
    assert "platform/orchestration.tar.gz" in boot
    assert "generated" not in boot
    version = deployed.one("aws:ssm/parameter:Parameter", "orchestration-orchestration-files").inputs[
        "insecureValue"
    ]
    assert version == "v1"


def test_secrets_are_in_secrets_manager_and_not_among_the_files(compose: Any) -> None:
    deployed = compose()
    kept = secret(deployed.one("SecretVersion", "orchestration-orchestration").inputs["secretString"])
    assert kept["airflow-migrate"]["ADMIN_PASSWORD"] == "generated"
    unpacked = files(deployed)
    assert "generated" not in json.dumps(unpacked)
    assert f"SECRET_ID='{SECRET_ARN}'" in unpacked["platform.env"]


def test_the_frontend_watches_the_other_instance_from_outside(compose: Any) -> None:
    unpacked = files(compose(), "frontend")
    targets = yaml.safe_load(unpacked["compose.yaml"])["services"]["status"]["environment"]["STATUS_TARGETS"]
    assert json.loads(targets)["MLflow"] == "http://10.0.1.7:5000/health"
    assert "BACKUPS=''" in unpacked["platform.env"]
    assert "host/backup.sh" not in unpacked


def test_the_role_of_an_instance_names_what_it_may_touch(compose: Any) -> None:
    deployed = compose()
    allowed = statements(deployed)
    assert allowed["ReadSecret"]["Resource"] == [SECRET_ARN]
    assert allowed["ReadInstanceFiles"]["Resource"] == ["arn:aws:s3:::data/platform/orchestration.tar.gz"]
    assert allowed["PullImages"]["Resource"] == [REPOSITORY]
    everything = {sid for sid, one in allowed.items() if "*" in one["Resource"]}
    assert everything == {"PutMetrics", "PutModelMetrics", "LogInToRegistry", "ConnectToSystemsManager"}


def test_the_frontend_may_do_what_the_buttons_do(compose: Any) -> None:
    """On the stream, the models, the dead letters; not on the databases' passwords, nor on other data."""
    deployed = compose()
    allowed = statements(deployed, "frontend")
    assert not {"ReadAndWriteObjects", "ReadAndWriteStream"} & allowed.keys()
    assert {sid for sid, one in allowed.items() if one["Resource"] == ["*"]} == {
        "PutMetrics",
        "LogInToRegistry",
        "ConnectToSystemsManager",
        "ReadMetrics",
    }
    assert allowed["PromoteAndRollBack"] == {
        "Effect": "Allow",
        "Action": ["s3:PutObject"],
        "Resource": ["arn:aws:s3:::data/models/rides/*"],
        "Sid": "PromoteAndRollBack",
    }
    assert allowed["Redrive"]["Resource"] == ["arn:aws:lambda:us-east-1:123456789012:function:predictor:live"]
    assert allowed["ListAutomlExecutions"]["Resource"] == [
        "arn:aws:states:us-east-1:123456789012:stateMachine:automl"
    ]
    kept = secret(deployed.one("SecretVersion", "orchestration-frontend").inputs["secretString"])
    assert kept.keys() == {"admin"}
    assert "POSTGRES" not in json.dumps(kept)


def test_one_instance_has_the_admin_gui_and_its_rights(compose: Any) -> None:
    deployed = compose("micro")
    allowed = statements(deployed)
    assert {"Redrive", "HandleDeadLetters", "ReadAndWriteStream"} <= allowed.keys()
    kept = secret(deployed.one("SecretVersion").inputs["secretString"])
    assert {"ADMIN_PASSWORD", "ADMIN_VIEWER_PASSWORD", "ADMIN_SESSION_KEY"} <= kept["admin"].keys()
    assert deployed.result["admin"] == "http://203.0.113.7:5001"
    assert compose("micro", adminPort="9000").result["admin"] == "http://203.0.113.7:9000"


def test_no_secret_of_the_frontend_is_in_its_files_or_user_data(compose: Any) -> None:
    deployed = compose()
    assert "generated" not in json.dumps(files(deployed, "frontend"))
    assert "generated" not in instance(deployed, "frontend")["userData"]


def test_new_files_reach_a_running_instance_without_replacing_it(compose: Any) -> None:
    before, after = compose(), compose(backupHours="12")
    assert instance(before) == instance(after)
    assert files(before) != files(after)
    update = after.one("aws:ssm/association:Association", "orchestration-orchestration-update").inputs
    assert "v1" in update["parameters"]["commands"]


def test_files_of_the_frontend_follow_no_address_that_changes(compose: Any) -> None:
    """Or a refresh at night, when the other instance has none, would change them."""
    environment = yaml.safe_load(files(compose(), "frontend")["compose.yaml"])["services"]["admin"]
    assert "203.0.113.7" not in json.dumps(environment)
    lasting = yaml.safe_load(files(compose(elasticIp="true"), "frontend")["compose.yaml"])
    links = lasting["services"]["admin"]["environment"]
    assert links["MLFLOW_PUBLIC_URL"] == "http://203.0.113.99:5000"


def test_quick_start_is_what_a_shell_takes(compose: Any) -> None:
    """`pulumi stack output` prints a text as it is, and a list as JSON with escaped quotes."""
    commands = compose().result["quick_start"]
    assert subprocess.run(["bash", "-n"], input=commands, text=True, check=False).returncode == 0
    starts = [shlex.split(line)[0] for line in commands.splitlines()]
    assert starts == ["aws", "aws", "aws", "export", "aws", "aws", "aws", "aws"]
