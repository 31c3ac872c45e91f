"""What a machine is born with: its files, its user data, and the profile that gives it its role."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.iam import Document
from components.common.instance_files import ship
from components.common.instance_role import instance_role, instance_statements
from components.common.names import metrics_namespace
from components.workstation.args import WorkstationArgs
from components.workstation.environment import Environment, locks
from components.workstation.files import HostFiles, user_data
from components.workstation.settings import WorkstationSettings


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The workstation or a worker: its names, its instance type, and what makes its files."""

    purpose: str
    files_name: str
    instance_type: str
    home: str
    files: Callable[[HostFiles], dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """A machine's user data, role and profile; `ready` is to be there before the machine."""

    user_data: pulumi.Output[str]
    role: aws.iam.Role
    profile: aws.iam.InstanceProfile
    ready: Sequence[pulumi.Resource]


def equip(
    name: str,
    kind: Kind,
    args: WorkstationArgs,
    environment: Environment,
    *,
    log_group: aws.cloudwatch.LogGroup,
    parent: pulumi.Resource,
    variables: Mapping[str, pulumi.Input[str]],
    statements: Sequence[Document] = (),
) -> Equipment:
    """Ships the files, which are told `variables` too, and makes a role with `statements` on top."""
    bucket = args.data_bucket
    told = pulumi.Output.all(environment.variables, pulumi.Output.from_input(dict(variables)), log_group.name)
    files = told.apply(lambda known: _files(kind, args.settings, {**known[0], **known[1]}, known[2]))
    key, _, parameter = ship(kind.files_name, kind.purpose, files, bucket=bucket.name, parent=parent)
    allowed = [
        *instance_statements(
            files_arn=pulumi.Output.format("{0}/{1}", bucket.arn, key),
            parameter_arn=parameter.arn,
            log_group_arn=log_group.arn,
        ),
        *environment.statements(),
        *statements,
    ]
    role, profile, grant = instance_role(name, kind.purpose, allowed, parent=parent)
    boot = pulumi.Output.all(environment.region, bucket.name, parameter.name).apply(
        lambda known: user_data(
            region=known[0], bucket=known[1], key=key, parameter=known[2], unit=kind.purpose, home=kind.home
        )
    )
    return Equipment(user_data=boot, role=role, profile=profile, ready=[grant, parameter])


def _files(
    kind: Kind, settings: WorkstationSettings, variables: Mapping[str, Any], log_group: str
) -> dict[str, str]:
    return kind.files(
        HostFiles(
            settings=settings,
            locks=locks(settings, kind.instance_type),
            log_group=log_group,
            metrics_namespace=metrics_namespace(),
            variables=variables,
        )
    )
