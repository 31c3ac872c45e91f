"""The machine image of every instance: Amazon Linux 2023, as AWS releases it."""

import pulumi
import pulumi_aws as aws

from components.common.instance_types import architecture

_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"


def machine_image(instance_type: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The newest image for the type's processor; it moves, so instances ignore its changes."""
    found = aws.ssm.get_parameter_output(
        name=_PARAMETER.format(architecture=architecture(instance_type)),
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return found.insecure_value
