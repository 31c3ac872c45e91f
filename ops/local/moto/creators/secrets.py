"""Parameters and secrets."""

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients
from ops.local.moto.creators.base import Creator, name_of, tag_list


def _parameter(clients: Clients, resource: Registration) -> Created:
    name, ssm = name_of(resource), clients("ssm")
    ssm.put_parameter(
        Name=name,
        Type=resource.inputs["type"],
        Value=resource.inputs.get("value") or resource.inputs["insecureValue"],
        Description=resource.inputs.get("description") or "",
        Tags=tag_list(resource),
    )
    made = ssm.get_parameter(Name=name)["Parameter"]
    return Created(id=name, outputs={"name": name, "arn": made["ARN"], "version": made["Version"]})


def _secret(clients: Clients, resource: Registration) -> Created:
    made = clients("secretsmanager").create_secret(
        Name=name_of(resource),
        Description=resource.inputs.get("description") or "",
        Tags=tag_list(resource),
    )
    return Created(id=made["ARN"], outputs={"arn": made["ARN"], "name": made["Name"]})


def _secret_version(clients: Clients, resource: Registration) -> Created:
    secret = resource.inputs["secretId"]
    made = clients("secretsmanager").put_secret_value(
        SecretId=secret, SecretString=resource.inputs["secretString"]
    )
    return Created(
        id=f"{secret}|{made['VersionId']}", outputs={"arn": made["ARN"], "versionId": made["VersionId"]}
    )


CREATORS: dict[str, Creator] = {
    "aws:ssm/parameter:Parameter": _parameter,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _secret_version,
}
