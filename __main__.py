"""The platform: settings in, components, stack outputs out."""

import pulumi

from components.budget import MonthlyBudget, MonthlyBudgetArgs
from components.common.data_access import DataAccess, NamedArn
from components.common.provider import aws_provider
from components.network import Network, NetworkArgs
from components.orchestration import OrchestrationArgs, instance_types, orchestration
from components.schedule import Schedule, ScheduleArgs
from components.settings import Settings
from components.storage import Storage, StorageArgs
from components.streaming import Streaming, StreamingArgs

settings = Settings.load()
opts = pulumi.ResourceOptions(providers=[aws_provider(settings.aws, tier=settings.tier)])

storage = Storage("storage", StorageArgs(settings=settings.storage), opts=opts)
streaming = Streaming(
    "streaming",
    StreamingArgs(settings=settings.streaming, data_bucket=NamedArn.of(storage.data_bucket)),
    opts=opts,
)
alarms = streaming.alarm_topic.arn
types = instance_types(settings.orchestration, settings.compose)
network = Network(
    "network",
    NetworkArgs(settings=settings.network, alarm_topic_arn=alarms, instance_types=types),
    opts=opts,
)
platform = orchestration(
    "orchestration",
    OrchestrationArgs(
        settings=settings.orchestration,
        compose=settings.compose,
        fargate=settings.fargate,
        vpc_id=network.vpc_id,
        public_subnet_ids=network.public_subnet_ids,
        private_subnet_ids=network.private_subnet_ids,
        internet_routes=network.internet_routes,
        data=DataAccess(
            artifacts_bucket=NamedArn.of(storage.artifacts_bucket),
            data_bucket=NamedArn.of(storage.data_bucket),
            reports_bucket=NamedArn.of(storage.reports_bucket),
            stream=NamedArn.of(streaming.stream),
            model=settings.streaming,
        ),
        access_logs_bucket_name=storage.access_logs_bucket_name,
        alarm_topic_arn=alarms,
        scheduled=settings.schedule.schedule == "office-hours",
    ),
    opts=opts,
)
schedule = Schedule(
    "schedule",
    ScheduleArgs(settings=settings.schedule, alarm_topic_arn=alarms, pausables=platform.pausables),
    opts=opts,
)
MonthlyBudget(
    "budget",
    MonthlyBudgetArgs(settings=settings.budget, alarm_email=settings.streaming.alarm_email),
    opts=opts,
)

outputs = {
    "vpc_id": network.vpc_id,
    "public_subnet_ids": network.public_subnet_ids,
    "private_subnet_ids": network.private_subnet_ids,
    "mlflow_artifacts_bucket": storage.artifacts_bucket.bucket,
    "data_storage_bucket": storage.data_bucket.bucket,
    "monitoring_reports_bucket": storage.reports_bucket.bucket,
    "kinesis_stream_name": streaming.stream.name,
    "lambda_function_name": streaming.function.name,
    "airflow_url": platform.airflow_url,
    "mlflow_url": platform.mlflow_url,
    "admin_url": platform.admin_url,
    "status_url": platform.status_url,
    "schedule_saving": schedule.saving,
    "quick_start_commands": platform.quick_start_commands,
    **platform.variant_outputs,
}
for key, value in outputs.items():
    pulumi.export(key, value)
