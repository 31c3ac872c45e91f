"""The machine image of every instance: Amazon Linux 2023 of AWS, with NVIDIA's driver where it is needed."""

import pulumi
import pulumi_aws as aws

from components.common.instance_types import architecture, is_gpu

_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
_GPU_PARAMETER = (
    "/aws/service/deeplearning/ami/{architecture}/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id"
)


def machine_image(instance_type: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """The newest image for the type's processor and GPU; it moves, so instances ignore its changes."""
    parameter = _GPU_PARAMETER if is_gpu(instance_type) else _PARAMETER
    found = aws.ssm.get_parameter_output(
        name=parameter.format(architecture=architecture(instance_type)),
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return found.insecure_value
