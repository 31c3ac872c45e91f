"""The variant on EC2 with Docker Compose: what AWS would be asked for, by the inputs that matter."""

import base64
import io
import json
import shlex
import subprocess
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from components.orchestration.compose import ComposeArgs, ComposeOrchestration
from components.settings import Settings, SettingsError
from tests.components.conftest import DATA
from tests.components.refusals import SSH_KEY

SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"
REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/airflow"
COMPUTED = {
    "aws:ec2/instance:Instance": {"publicIp": "203.0.113.7", "privateIp": "10.0.1.7"},
    "aws:ec2/eip:Eip": {"publicIp": "203.0.113.99"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"versionId": "v1"},
    "aws:secretsmanager/secretVersion:SecretVersion": {"secretArn": SECRET_ARN},
    "random:index/randomPassword:RandomPassword": {"result": "generated"},
}


@pytest.fixture
def compose(deploy: Callable[..., Any]) -> Callable[..., Any]:
    """Deploys the variant of a tier with some keys of the config; `.result` is what it offers."""

    def run(tier: str = "learning", **config: str) -> Any:
        settings = Settings.from_config({"tier": tier, **config})

        def program() -> Any:
            made = ComposeOrchestration(
                "orchestration",
                ComposeArgs(
                    settings=settings.compose,
                    vpc_id="vpc-1",
                    public_subnet_ids=["subnet-1", "subnet-2"],
                    airflow_image="123456789012.dkr.ecr.us-east-1.amazonaws.com/airflow:1",
                    mlflow_image="ghcr.io/mlflow:1",
                    status_image="ghcr.io/status:1",
                    repository_arns=[REPOSITORY],
                    data=DATA,
                    alarm_topic_arn="arn:aws:sns:us-east-1:123456789012:alarms",
                ),
            )
            return {
                "airflow": made.airflow_url,
                "quick_start": made.quick_start_commands,
                "mlflow": made.mlflow_url,
                "admin": made.admin_url,
                "role": made.task_role_arn,
                "pausables": [one.name for one in made.pausables],
                **made.variant_outputs,
            }

        return deploy(program, computed=COMPUTED)

    return run


def instance(deployed: Any, thing: str = "orchestration") -> Any:
    return deployed.one("aws:ec2/instance:Instance", f"orchestration-{thing}").inputs


def files(deployed: Any, thing: str = "orchestration") -> dict[str, str]:
    packed = deployed.one("BucketObjectv2", f"orchestration-{thing}-files").inputs["contentBase64"]
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(packed))) as tar:
        return {name: tar.extractfile(name).read().decode() for name in tar.getnames()}  # type: ignore[union-attr]


def secret(value: Any) -> Any:
    """What a mock is handed for a secret, opened."""
    opened = value["value"] if isinstance(value, dict) else value
    return json.loads(opened) if opened.startswith("{") else opened


def statements(deployed: Any, thing: str = "orchestration") -> dict[str, dict[str, Any]]:
    grant = deployed.one("RolePolicy", f"orchestration-{thing}")
    return {one["Sid"]: one for one in grant.inputs["policy"]["Statement"]}


def ingress(deployed: Any) -> set[tuple[str, int, str]]:
    return {
        (
            rule.inputs["securityGroupId"].removeprefix("orchestration-").removesuffix("-id"),
            rule.inputs["fromPort"],
            rule.inputs.get("cidrIpv4")
            or rule.inputs["referencedSecurityGroupId"].removeprefix("orchestration-").removesuffix("-id"),
        )
        for rule in deployed.all("SecurityGroupIngressRule")
    }


def test_an_instance_is_encrypted_guarded_and_needs_no_key(compose: Any) -> None:
    deployed = compose()
    for thing, size in (("orchestration", "t4g.medium"), ("frontend", "t4g.micro")):
        made = instance(deployed, thing)
        assert made["instanceType"] == size
        assert made["metadataOptions"]["httpTokens"] == "required"
        assert made["metadataOptions"]["httpPutResponseHopLimit"] == 2
        assert {"encrypted": True, "volumeType": "gp3"}.items() <= made["rootBlockDevice"].items()
        assert "keyName" not in made
        assert "associatePublicIpAddress" not in made  # reads false while the instance is stopped
        assert "instanceMarketOptions" not in made


def test_nobody_reaches_the_instances_unless_a_range_is_named(compose: Any) -> None:
    between = {("orchestration", 8080, "frontend"), ("orchestration", 5000, "frontend")}
    assert ingress(compose()) == between
    office = "198.51.100.0/24"
    assert ingress(compose(ingressCidrs=json.dumps([office]))) == between | {
        ("orchestration", 8080, office),
        ("orchestration", 5000, office),
        ("orchestration", 8081, office),
        ("frontend", 8081, office),
    }


def test_ssh_is_there_only_with_a_key(compose: Any) -> None:
    deployed = compose("micro", ingressCidrs='["198.51.100.0/24"]', sshPublicKey=SSH_KEY)
    assert ("orchestration", 22, "198.51.100.0/24") in ingress(deployed)
    assert instance(deployed)["keyName"]


def test_instances_reach_only_https_and_each_other_s_services(compose: Any) -> None:
    ports = {rule.inputs["fromPort"] for rule in compose().all("SecurityGroupEgressRule")}
    assert ports == {443, 8080, 5000}


def test_micro_is_one_spot_instance(compose: Any) -> None:
    """It comes back by itself after an interruption."""
    deployed = compose("micro")
    assert [one.name for one in deployed.all("aws:ec2/instance:Instance")] == ["orchestration-orchestration"]
    assert instance(deployed)["instanceMarketOptions"] == {
        "marketType": "spot",
        "spotOptions": {"spotInstanceType": "persistent", "instanceInterruptionBehavior": "stop"},
    }
    assert "systemd/platform-drain.timer" in files(deployed)
    assert deployed.result["frontend_instance_id"] == deployed.result["orchestration_instance_id"]
    assert deployed.result["pausables"] == ["orchestration"]


def test_the_sizes_of_the_source_design_are_reachable(compose: Any) -> None:
    deployed = compose(orchestrationInstanceType="t3.medium", frontendInstanceType="t3.micro")
    assert instance(deployed)["instanceType"] == "t3.medium"
    assert instance(deployed, "frontend")["instanceType"] == "t3.micro"
    parameters = {args["name"] for token, args in deployed.invoked if "getParameter" in token}
    assert parameters == {"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"}


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
    kept = secret(deployed.one("SecretVersion").inputs["secretString"])
    assert kept["airflow-migrate"]["ADMIN_PASSWORD"] == "generated"
    unpacked = files(deployed)
    assert "generated" not in json.dumps(unpacked)
    assert f"SECRET_ID='{SECRET_ARN}'" in unpacked["platform.env"]


def test_the_frontend_watches_the_other_instance_from_outside(compose: Any) -> None:
    unpacked = files(compose(), "frontend")
    targets = yaml.safe_load(unpacked["compose.yaml"])["services"]["status"]["environment"]["STATUS_TARGETS"]
    assert json.loads(targets)["MLflow"] == "http://10.0.1.7:5000/health"
    assert "SECRET_ID=''" in unpacked["platform.env"]


def test_the_role_of_an_instance_names_what_it_may_touch(compose: Any) -> None:
    deployed = compose()
    allowed = statements(deployed)
    assert allowed["ReadSecret"]["Resource"] == [SECRET_ARN]
    assert allowed["ReadInstanceFiles"]["Resource"] == ["arn:aws:s3:::data/platform/orchestration.tar.gz"]
    assert allowed["PullImages"]["Resource"] == [REPOSITORY]
    everything = {sid for sid, one in allowed.items() if "*" in one["Resource"]}
    assert everything == {"PutMetrics", "LogInToRegistry", "ConnectToSystemsManager"}
    assert (
        not {"ReadSecret", "ReadAndWriteObjects", "ReadAndWriteStream"}
        & statements(deployed, "frontend").keys()
    )


def test_alarms_of_an_instance(compose: Any) -> None:
    """A failing machine is recovered or rebooted; unhealthy containers are reported."""
    deployed = compose("micro", orchestrationSpot="false")
    alarms = {one.inputs["metricName"]: one.inputs for one in deployed.all("MetricAlarm")}
    assert "arn:aws:automate:us-east-1:ec2:recover" in alarms["StatusCheckFailed_System"]["alarmActions"]
    assert "arn:aws:automate:us-east-1:ec2:reboot" in alarms["StatusCheckFailed_Instance"]["alarmActions"]
    assert alarms["UnhealthyContainers"]["dimensions"] == {"Host": "mlops-taxi-prediction-orchestration-dev"}
    unpacked = files(deployed)["platform.env"]
    assert "HOST_NAME='mlops-taxi-prediction-orchestration-dev'" in unpacked


@pytest.mark.parametrize(
    ("chosen", "credits"), [({}, "standard"), ({"cpuCredits": "unlimited"}, "unlimited")]
)
def test_burstable_instances_have_the_credits_of_the_config(
    compose: Any, chosen: dict[str, str], credits: str
) -> None:
    deployed = compose(orchestrationInstanceType="m7g.medium", **chosen)
    assert instance(deployed, "frontend")["creditSpecification"] == {"cpuCredits": credits}
    assert "creditSpecification" not in instance(deployed), "EC2 refuses credits of a type that has none"


def test_new_files_reach_a_running_instance_without_replacing_it(compose: Any) -> None:
    before, after = compose(), compose(backupHours="12")
    assert instance(before) == instance(after)
    assert files(before) != files(after)
    update = after.one("aws:ssm/association:Association", "orchestration-orchestration-update").inputs
    assert "v1" in update["parameters"]["commands"]


def test_an_elastic_address_is_what_people_are_told(compose: Any) -> None:
    assert compose().result["airflow"] == "http://203.0.113.7:8080"
    assert compose(elasticIp="true").result["mlflow"] == "http://203.0.113.99:5000"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"orchestrationInstanceType": "t4g.small"}, "orchestrationInstanceType: got 't4g.small', allowed: "),
        (
            {"orchestrationInstanceType": "x2gd.medium"},
            "allowed: a type of the families t3, t3a, t4g, c, m or r",
        ),
        (
            {"orchestrationInstanceType": "t3.medium"},
            "frontendInstanceType: got 't4g.micro', allowed: a type with",
        ),
        (
            {"orchestrationSpot": "true", "deletionProtection": "true"},
            "orchestrationSpot: got true with deletionProtection true, but EC2 protects no spot instance",
        ),
        (
            {"ingressCidrs": '["0.0.0.0/0"]'},
            "ingressCidrs: got '0.0.0.0/0', allowed: ranges of /8 and smaller",
        ),
        ({"airflowImageUri": "airflow"}, "airflowImageUri: got 'airflow'"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(config: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_config({"tier": "learning", **config})
    assert message in str(refused.value)


def test_quick_start_is_what_a_shell_takes(compose: Any) -> None:
    """`pulumi stack output` prints a text as it is, and a list as JSON with escaped quotes."""
    commands = compose().result["quick_start"]
    assert subprocess.run(["bash", "-n"], input=commands, text=True, check=False).returncode == 0
    starts = [shlex.split(line)[0] for line in commands.splitlines()]
    assert starts == ["aws", "aws", "export", "aws", "aws", "aws"]
