"""The workstation of a deployed stack: what it does now, starting and stopping it, and the way in."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

JUPYTER_PORT = 8888
PORTS: Mapping[int, str] = {JUPYTER_PORT: "JupyterLab", 6006: "TensorBoard"}
_GONE = ("terminated", "shutting-down")


@dataclass(frozen=True, kw_only=True)
class Workstation:
    """The instance as EC2 sees it; `volumes` are the ids of what is attached."""

    instance_id: str
    state: str
    instance_type: str
    started: str
    spot: bool
    hibernates: bool
    volumes: tuple[str, ...]
    last_snapshot: str


def find(project: str, stack: str, client: Callable[[str], Any]) -> Workstation:
    """The stack's workstation.

    Raises:
        ValueError: the stack has none.
    """
    ec2 = client("ec2")
    tags = {"Name": f"{project}-workstation-{stack}", "Project": project, "Environment": stack}
    filters = [{"Name": f"tag:{name}", "Values": [value]} for name, value in tags.items()]
    pages = ec2.get_paginator("describe_instances").paginate(Filters=filters)
    found = [one for page in pages for group in page["Reservations"] for one in group["Instances"]]
    alive = [one for one in found if one["State"]["Name"] not in _GONE]
    if not alive:
        raise ValueError(
            f"stack {stack!r} has no workstation in this account and region; set workstation to true and run "
            "pulumi up, or choose another AWS_PROFILE or AWS_REGION"
        )
    return _described(alive[0], ec2)


def _described(one: Mapping[str, Any], ec2: Any) -> Workstation:
    volumes = tuple(device["Ebs"]["VolumeId"] for device in one.get("BlockDeviceMappings", ()))
    snapshots = ec2.describe_snapshots(
        OwnerIds=["self"], Filters=[{"Name": "volume-id", "Values": list(volumes) or ["none"]}]
    )["Snapshots"]
    return Workstation(
        instance_id=one["InstanceId"],
        state=one["State"]["Name"],
        instance_type=one["InstanceType"],
        started=one["LaunchTime"].isoformat(timespec="seconds"),
        spot=one.get("InstanceLifecycle") == "spot",
        hibernates=one.get("HibernationOptions", {}).get("Configured", False),
        volumes=volumes,
        last_snapshot=max(
            (each["StartTime"].isoformat(timespec="seconds") for each in snapshots), default=""
        ),
    )


def start(one: Workstation, client: Callable[[str], Any]) -> None:
    """Starts it; one that runs stays as it is."""
    client("ec2").start_instances(InstanceIds=[one.instance_id])


def stop(one: Workstation, client: Callable[[str], Any]) -> None:
    """Stops it, which makes a checkpoint first; where it hibernates, kernels go on at the next start."""
    client("ec2").stop_instances(InstanceIds=[one.instance_id], Hibernate=one.hibernates)


def ask_for_workers(project: str, stack: str, count: int, client: Callable[[str], Any]) -> int:
    """Asks the group for `count` workers; gives how many there are now.

    Raises:
        ValueError: the stack has no group, or its least or its most is another.
    """
    autoscaling, name = client("autoscaling"), f"{project}-workers-{stack}"
    groups = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    if not groups:
        raise ValueError(
            f"stack {stack!r} has no workers in this account and region; set workstationWorkersMax and run "
            "pulumi up, or choose another AWS_PROFILE or AWS_REGION"
        )
    least, most = groups[0]["MinSize"], groups[0]["MaxSize"]
    if not least <= count <= most:
        raise ValueError(
            f"got {count} workers, allowed: {least} to {most}; change workstationWorkersMin or "
            "workstationWorkersMax, and run pulumi up"
        )
    autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=count)
    return len(groups[0]["Instances"])


def forward(one: Workstation, region: str, port: int, local_port: int) -> list[str]:
    """The command that brings a port of the workstation to this machine.

    Raises:
        ValueError: it does not run, so nobody can connect.
    """
    if one.state != "running":
        raise ValueError(
            f"the workstation {one.instance_id} is {one.state}; start it with "
            "`python -m ops workstation start`, and connect again in two minutes"
        )
    return [
        "aws", "ssm", "start-session", "--region", region, "--target", one.instance_id,
        "--document-name", "AWS-StartPortForwardingSession",
        "--parameters", f"portNumber={port},localPortNumber={local_port}",
    ]  # fmt: skip


def run(command: list[str]) -> int:
    """Runs the command until its user ends it; gives its exit code.

    Raises:
        ValueError: AWS's command line is not installed.
    """
    try:
        return subprocess.run(command, check=False).returncode
    except FileNotFoundError:
        raise ValueError(
            "the AWS CLI is not installed here; install it and its session-manager-plugin, or run with "
            "--print and use the command elsewhere"
        ) from None
    except KeyboardInterrupt:
        return 0
