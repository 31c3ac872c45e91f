"""The instances: size, entry, alarms, addresses."""

import json
from typing import Any

import pytest

from components.settings import Settings, SettingsError
from tests.components.compose.conftest import files, ingress, instance
from tests.components.refusals import SSH_KEY


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
        ("frontend", 5000, office),
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
        (
            {"frontendInstanceType": "t4g.nano"},
            "frontendInstanceType: got 't4g.nano', allowed: 960 MiB or more",
        ),
        ({"frontendInstance": "false"}, "with the admin GUI beside it; or set composeExecutor to local"),
        ({"adminPort": "8081"}, "adminPort: got 8081, allowed: 0, or 1024 to 65535 but for 8081"),
        ({"adminPort": "80"}, "adminPort: got 80, allowed"),
        (
            {"tier": "micro", "adminPort": "5000"},
            "adminPort: got 5000, allowed: 0, or 1024 to 65535 but for 5000, 8080, 8081",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(config: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_config({"tier": "learning", **config})
    assert message in str(refused.value)
