"""What AWS publishes of resources, by namespace."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Service(NamedTuple):
    """What AWS publishes of a resource type; a dimension's value is an input or output of the resource."""

    type: str
    dimensions: Mapping[str, str]
    names: Sequence[str]
    source: str


_DOCS = "https://docs.aws.amazon.com/"
SERVICES: Mapping[str, Sequence[Service]] = {
    "AWS/Lambda": [
        Service(
            "aws:lambda/function:Function",
            {"FunctionName": "name"},
            ("Invocations", "Errors", "Throttles", "Duration", "IteratorAge"),
            f"{_DOCS}lambda/latest/dg/monitoring-metrics-types.html",
        )
    ],
    "AWS/Kinesis": [
        Service(
            "aws:kinesis/stream:Stream",
            {"StreamName": "name"},
            ("IncomingRecords",),
            f"{_DOCS}streams/latest/dev/monitoring-with-cloudwatch.html",
        )
    ],
    "AWS/SQS": [
        Service(
            "aws:sqs/queue:Queue",
            {"QueueName": "name"},
            ("ApproximateNumberOfMessagesVisible",),
            f"{_DOCS}AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
        )
    ],
    "AWS/Scheduler": [
        Service(
            "aws:scheduler/scheduleGroup:ScheduleGroup",
            {"ScheduleGroup": "name"},
            ("InvocationDroppedCount",),
            f"{_DOCS}scheduler/latest/UserGuide/monitoring-cloudwatch.html",
        )
    ],
    "AWS/EC2": [
        Service(
            "aws:ec2/instance:Instance",
            {"InstanceId": "id"},
            ("CPUUtilization", "CPUCreditBalance", "StatusCheckFailed_System", "StatusCheckFailed_Instance"),
            f"{_DOCS}AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html",
        )
    ],
    "AWS/AutoScaling": [
        Service(
            "aws:autoscaling/group:Group",
            {"AutoScalingGroupName": "name"},
            ("GroupDesiredCapacity", "GroupInServiceInstances"),
            f"{_DOCS}autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html",
        )
    ],
    "AWS/RDS": [
        Service(
            "aws:rds/instance:Instance",
            {"DBInstanceIdentifier": "identifier"},
            ("CPUUtilization", "CPUCreditBalance", "DatabaseConnections", "FreeStorageSpace"),
            f"{_DOCS}AmazonRDS/latest/UserGuide/rds-metrics.html",
        )
    ],
    "AWS/EFS": [
        Service(
            "aws:efs/fileSystem:FileSystem",
            {"FileSystemId": "id"},
            ("BurstCreditBalance",),
            f"{_DOCS}efs/latest/ug/efs-metrics.html",
        )
    ],
    "AWS/States": [
        Service(
            "aws:sfn/stateMachine:StateMachine",
            {"StateMachineArn": "arn"},
            tuple(f"Executions{how}" for how in ("Started", "Succeeded", "Failed", "TimedOut", "Aborted")),
            f"{_DOCS}step-functions/latest/dg/procedure-cw-metrics.html",
        )
    ],
}
