"""What passes through a VPC, logged to CloudWatch."""

import pulumi
import pulumi_aws as aws

from components.common.iam import assume_role, policy, statement
from components.common.names import physical_name


def flow_logs(name: str, vpc_id: pulumi.Input[str], retention_days: int, parent: pulumi.Resource) -> None:
    """Logs every flow of the VPC to `/aws/vpc/<project>-<stack>`, kept for `retention_days`."""
    group = aws.cloudwatch.LogGroup(
        f"{name}-flow-logs",
        name=f"/aws/vpc/{pulumi.get_project()}-{pulumi.get_stack()}",
        retention_in_days=retention_days,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id
    trust = assume_role(
        "vpc-flow-logs.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
    )
    role = aws.iam.Role(
        f"{name}-flow-logs",
        name=physical_name("flow-logs"),
        assume_role_policy=pulumi.Output.json_dumps(trust),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    write = statement(
        ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        [group.arn, pulumi.Output.format("{0}:*", group.arn)],
    )
    # The service looks for its group by name, and IAM knows no resource for that.
    find = statement(["logs:DescribeLogGroups"], ["*"], sid="FindLogGroup")
    grant = aws.iam.RolePolicy(
        f"{name}-flow-logs",
        role=role.name,
        policy=pulumi.Output.json_dumps(policy(write, find)),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    aws.ec2.FlowLog(
        f"{name}-flow-logs",
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination=group.arn,
        log_destination_type="cloud-watch-logs",
        iam_role_arn=role.arn,
        max_aggregation_interval=60,
        tags={"Name": physical_name("flow-logs")},
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[grant]),
    )
