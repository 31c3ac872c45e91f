"""The workstation's component: its instance and volume, who reaches it, its buckets, and what is refused."""

import base64
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.common.data_access import NamedArn
from components.common.mlflow_access import MlflowAccess
from components.common.placement import Placement
from components.settings import Settings
from components.workstation import Workstation, WorkstationArgs
from tests.components.refusals import SSH_KEY

AUTO_SCALING = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"
COMPUTED = {
    "aws:autoscaling/group:Group": {"arn": f"{AUTO_SCALING}:u:autoScalingGroupName/workers"},
    "aws:ebs/volume:Volume": {"arn": "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"versionId": "v1"},
    "aws:secretsmanager/secretVersion:SecretVersion": {"secretArn": SECRET},
    "random:index/randomPassword:RandomPassword": {"result": "generated-token"},
}
OFFICE = "198.51.100.0/24"
Run = Callable[..., Any]


@pytest.fixture
def workstation(deploy: Run) -> Run:
    """Deploys the workstation of a tier with some keys of the config; `.result` is its outputs."""

    def run(*, tier: str = "learning", private_egress: bool = False, **config: str) -> Any:
        settings = Settings.from_config({"tier": tier, "workstation": "true", **config})

        def program() -> Any:
            args = WorkstationArgs(
                settings=settings.workstation,
                placement=Placement(
                    vpc_id="vpc-1",
                    public_subnet_ids=["subnet-public"],
                    private_subnet_ids=["subnet-private"],
                    private_egress=private_egress,
                ),
                data_bucket=NamedArn(name="data", arn="arn:aws:s3:::data"),
                model=settings.streaming,
                mlflow=MlflowAccess(
                    tracking_uri=pulumi.Output.from_input("http://mlflow:5000"),
                    password=pulumi.Output.secret("a-password"),
                    security_group_id=pulumi.Output.from_input("sg-mlflow"),
                    port=5000,
                ),
            )
            return Workstation("workstation", args).outputs

        return deploy(program, computed=COMPUTED)

    return run


def instance(deployed: Any) -> Any:
    return deployed.one("aws:ec2/instance:Instance").inputs


def files(deployed: Any, name: str = "workstation-files") -> dict[str, str]:
    """What the instance unpacks, content by path."""
    packed = deployed.one("BucketObjectv2", name).inputs["contentBase64"]
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(packed))) as tar:
        return {name: tar.extractfile(name).read().decode() for name in tar.getnames()}  # type: ignore[union-attr]


def variables(deployed: Any) -> dict[str, str]:
    lines = files(deployed)["workstation.env"].splitlines()
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


def statements(deployed: Any, role: str = "workstation-workstation") -> dict[str, Any]:
    policy = deployed.one("RolePolicy", role).inputs["policy"]
    return {one["Sid"]: one for one in policy["Statement"]}


def test_the_instance_is_that_of_the_source_design(workstation: Run) -> None:
    """t3.medium, 50 GiB of encrypted gp3, the metadata service's version 2 alone; shut down it is stopped."""
    made = instance(workstation())
    volume = made["rootBlockDevice"]
    assert (made["instanceType"], volume["volumeSize"]) == ("t3.medium", 50)
    assert (volume["encrypted"], volume["volumeType"]) == (True, "gp3")
    assert made["metadataOptions"]["httpTokens"] == "required"
    assert made["instanceInitiatedShutdownBehavior"] == "stop"
    assert made["creditSpecification"] == {"cpuCredits": "standard"}


def test_the_data_volume_is_attached(workstation: Run) -> None:
    """Under the name that the mount script waits for; a mounted one is let go by stopping the instance."""
    deployed = workstation(workstationDataVolumeGib="200")
    volume, attachment = deployed.one("Volume").inputs, deployed.one("VolumeAttachment").inputs
    assert (volume["size"], volume["type"], volume["encrypted"]) == (200, "gp3", True)
    assert volume["availabilityZone"] == "us-east-1a"
    assert attachment["deviceName"] == variables(deployed)["DATA_DEVICE"]
    assert attachment["stopInstanceBeforeDetaching"] is True


@pytest.mark.parametrize(("tier", "kept"), [("learning", False), ("production", True)])
def test_a_deleted_volume_leaves_a_snapshot(workstation: Run, tier: str, kept: bool) -> None:
    """On the tiers whose data is to be kept."""
    assert workstation(tier=tier).one("Volume").inputs["finalSnapshot"] is kept


def test_snapshots_are_made_every_day(workstation: Run) -> None:
    deployed = workstation(workstationSnapshots="5")
    details = deployed.one("aws:dlm/lifecyclePolicy:LifecyclePolicy").inputs["policyDetails"]
    assert details["schedules"][0]["retainRule"] == {"count": 5}
    name = deployed.one("Volume").inputs["tags"]["Name"]
    assert details["targetTags"] == {"Name": name}
    allowed = statements(deployed, "workstation-snapshots")
    assert "arn:aws:ec2:us-east-1:123456789012:volume/vol-1" in allowed["MakeSnapshots"]["Resource"]
    assert not workstation(workstationSnapshots="0").all("aws:dlm/lifecyclePolicy:LifecyclePolicy")


@pytest.mark.parametrize(
    ("type_", "parameter"),
    [
        ("t3.medium", "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"),
        ("m7g.large", "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"),
        (
            "g4dn.xlarge",
            "/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id",
        ),
        (
            "g5g.xlarge",
            "/aws/service/deeplearning/ami/arm64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id",
        ),
    ],
)
def test_the_image_fits_processor_and_gpu(workstation: Run, type_: str, parameter: str) -> None:
    deployed = workstation(workstationInstanceType=type_, workstationVolumeGib="75")
    asked = [args["name"] for token, args in deployed.invoked if "getParameter" in token]
    assert asked == [parameter]


@pytest.mark.parametrize(
    ("environment", "type_", "locks"),
    [
        ("cpu", "g4dn.xlarge", "cpu"),
        ("torch", "t3.medium", "cpu torch"),
        ("torch", "g4dn.xlarge", "cpu torch"),
        ("tensorflow", "t3.medium", "cpu tensorflow"),
        ("tensorflow", "g4dn.xlarge", "cpu tensorflow-cuda"),
    ],
)
def test_the_environment_fits_the_type(workstation: Run, environment: str, type_: str, locks: str) -> None:
    deployed = workstation(
        workstationEnvironment=environment, workstationInstanceType=type_, workstationVolumeGib="100"
    )
    assert variables(deployed)["LOCKS"] == locks


@pytest.mark.parametrize("hibernation", ["true", "false"])
def test_spot_capacity_is_stopped_or_hibernated(workstation: Run, hibernation: str) -> None:
    deployed = workstation(workstationSpot="true", workstationHibernation=hibernation)
    market = instance(deployed)["instanceMarketOptions"]
    behavior = "hibernate" if hibernation == "true" else "stop"
    assert market == {
        "marketType": "spot",
        "spotOptions": {"spotInstanceType": "persistent", "instanceInterruptionBehavior": behavior},
    }
    assert instance(deployed).get("hibernation") is (True if hibernation == "true" else None)
    assert {"host/drain.sh", "systemd/workstation-drain.timer"} <= files(deployed).keys()
    assert not [name for name in files(workstation()) if "drain" in name]


def test_nobody_reaches_it(workstation: Run) -> None:
    """The one rule inwards lets it into MLflow's group; out it reaches HTTPS and MLflow."""
    deployed = workstation()
    (rule,) = deployed.all("SecurityGroupIngressRule")
    assert (rule.inputs["securityGroupId"], rule.inputs["fromPort"]) == ("sg-mlflow", 5000)
    assert {one.inputs["fromPort"] for one in deployed.all("SecurityGroupEgressRule")} == {443, 5000}
    assert "keyName" not in instance(deployed)


def test_ssh_is_for_named_ranges(workstation: Run) -> None:
    deployed = workstation(
        workstationSshPublicKey=SSH_KEY, workstationSshCidrs=json.dumps([OFFICE]), private_egress=True
    )
    inwards = {
        (one.inputs["fromPort"], one.inputs.get("cidrIpv4"))
        for one in deployed.all("SecurityGroupIngressRule")
    }
    assert inwards == {(22, OFFICE), (5000, None)}
    assert (instance(deployed)["keyName"], instance(deployed)["subnetId"]) == (
        "mlops-taxi-prediction-workstation-ssh-dev",
        "subnet-public",
    )


@pytest.mark.parametrize(("egress", "subnet"), [(True, "subnet-private"), (False, "subnet-public")])
def test_it_is_private_where_there_is_a_way_out(workstation: Run, egress: bool, subnet: str) -> None:
    assert instance(workstation(private_egress=egress))["subnetId"] == subnet


def test_token_and_password_are_in_the_secret_alone(workstation: Run) -> None:
    """The instance gets the secret's ARN, and fetches it at every start."""
    deployed = workstation()
    held = deployed.one("SecretVersion").inputs["secretString"]
    stored = json.loads(held["value"] if isinstance(held, dict) else held)
    assert stored == {"jupyter_token": "generated-token", "mlflow_password": "a-password"}
    shown = json.dumps(
        [one.inputs for one in deployed.resources if "SecretVersion" not in one.type], default=str
    )
    for text in (shown, instance(deployed)["userData"], *files(deployed).values()):
        assert "generated-token" not in text
        assert "a-password" not in text
    assert variables(deployed)["SECRET_ID"] == SECRET
    assert statements(deployed)["ReadSecret"]["Resource"] == [SECRET]


def test_it_writes_to_its_own_folders_alone(workstation: Run) -> None:
    allowed = statements(workstation())
    writing = {
        arn
        for one in allowed.values()
        for arn in one["Resource"]
        if any(action in ("s3:PutObject", "s3:DeleteObject") for action in one["Action"])
    }
    own = {"workstation-datasets", "workstation-models"}
    folders = {tuple(arn.removesuffix("/*").rsplit("/", 1)) for arn in writing}
    assert {folder for _, folder in folders} == {
        *("raw", "processed", "interim", "external"),
        *("trained", "artifacts", "experiments", "production"),
    }
    assert all(any(name in bucket for name in own) for bucket, _ in folders)
    assert variables(workstation())["CHECKPOINT"].endswith("-models-dev/experiments/workstation")


def test_data_sets_grow_cold_and_old_models_too(workstation: Run) -> None:
    deployed = workstation(workstationGlacierDays="120", workstationModelArchiveDays="10")
    rules = {
        one.name: {rule["id"]: rule for rule in one.inputs["rules"]}
        for one in deployed.all("BucketLifecycleConfiguration")
    }
    moved = rules["workstation-datasets"]["archive"]["transitions"]
    assert moved == [{"days": 120, "storageClass": "GLACIER"}]
    old = rules["workstation-models"]["old-versions"]
    assert old["noncurrentVersionTransitions"] == [{"noncurrentDays": 10, "storageClass": "GLACIER"}]
    assert old["noncurrentVersionExpiration"] == {"noncurrentDays": 365}
