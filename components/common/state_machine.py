"""ARNs of a state machine that is made after what watches or starts it."""

from typing import Literal

import pulumi


def state_machine_arn(
    name: str, *, beside: pulumi.Input[str], kind: Literal["stateMachine", "execution"] = "stateMachine"
) -> pulumi.Output[str]:
    """The ARN of the machine `name`, or what its executions' begin with, where the resource `beside` is."""

    def named(arn: str) -> str:
        _, partition, _, region, account, _ = arn.split(":", 5)
        return f"arn:{partition}:states:{region}:{account}:{kind}:{name}"

    return pulumi.Output.from_input(beside).apply(named)
