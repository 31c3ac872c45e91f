"""Roles, policies and instance profiles."""

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients
from ops.local.moto.creators.base import Creator, name_of, tag_list


def _role(clients: Clients, resource: Registration) -> Created:
    made = clients("iam").create_role(
        RoleName=name_of(resource),
        AssumeRolePolicyDocument=resource.inputs["assumeRolePolicy"],
        Path=resource.inputs.get("path") or "/",
        Description=resource.inputs.get("description") or "",
        Tags=tag_list(resource),
    )["Role"]
    return Created(
        id=made["RoleName"],
        outputs={"name": made["RoleName"], "arn": made["Arn"], "uniqueId": made["RoleId"]},
    )


def _role_policy(clients: Clients, resource: Registration) -> Created:
    role, name = resource.inputs["role"], name_of(resource)
    clients("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=resource.inputs["policy"])
    return Created(id=f"{role}:{name}", outputs={"name": name})


def _policy(clients: Clients, resource: Registration) -> Created:
    made = clients("iam").create_policy(
        PolicyName=name_of(resource), PolicyDocument=resource.inputs["policy"], Tags=tag_list(resource)
    )["Policy"]
    return Created(id=made["Arn"], outputs={"arn": made["Arn"], "name": made["PolicyName"]})


def _attachment(clients: Clients, resource: Registration) -> Created:
    role, arn = resource.inputs["role"], resource.inputs["policyArn"]
    clients("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
    return Created(id=f"{role}/{arn}")


def _instance_profile(clients: Clients, resource: Registration) -> Created:
    name = name_of(resource)
    made = clients("iam").create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    if role := resource.inputs.get("role"):
        clients("iam").add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    return Created(id=name, outputs={"arn": made["Arn"], "name": name})


CREATORS: dict[str, Creator] = {
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _role_policy,
    "aws:iam/policy:Policy": _policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _attachment,
    "aws:iam/instanceProfile:InstanceProfile": _instance_profile,
}
