"""The platform: settings in, components, stack outputs out."""

import pulumi

from components.audit import AuditArgs, audit
from components.automl import AutomlArgs, automl, started_machine_name, state_machine_name
from components.budget import MonthlyBudget, MonthlyBudgetArgs
from components.common.data_access import NamedArn
from components.common.provider import aws_provider
from components.monitoring import Monitoring, MonitoringArgs
from components.network import Network, NetworkArgs
from components.orchestration import OrchestrationArgs, instance_types, orchestration, platform_outputs
from components.schedule import Schedule, ScheduleArgs
from components.serving import ServingArgs, serving
from components.settings import Settings
from components.storage import Storage, StorageArgs
from components.streaming import Streaming, StreamingArgs
from components.workstation import WorkstationArgs, workstation

settings = Settings.load()
opts = pulumi.ResourceOptions(providers=[aws_provider(settings.aws, tier=settings.tier)])

storage = Storage("storage", StorageArgs(settings=settings.storage), opts=opts)
bucket = NamedArn.of(storage.data_bucket)
streaming = Streaming("streaming", StreamingArgs(settings=settings.streaming, data_bucket=bucket), opts=opts)
alarms = streaming.alarm_topic.arn
types = (*instance_types(settings.orchestration, settings.compose), *settings.workstation.instance_types)
network = Network("network", NetworkArgs(settings=settings.network, instance_types=types), opts=opts)
started = started_machine_name(settings.automl)
data = storage.data_access(
    streaming.stream, settings.streaming, settings.monitoring, alarms, started_machine_name=started
)
orchestration_args = OrchestrationArgs(
    settings=settings.orchestration,
    compose=settings.compose,
    fargate=settings.fargate,
    placement=network.placement,
    internet_routes=network.internet_routes,
    data=data,
    admin=streaming.admin_access(data, state_machine_name=state_machine_name(settings.automl)),
    access_logs_bucket_name=storage.access_logs_bucket_name,
    scheduled=settings.schedule.schedule == "office-hours",
)
platform = orchestration("orchestration", orchestration_args, opts=opts)
hours = ScheduleArgs(settings=settings.schedule, pausables=platform.pausables)
schedule = Schedule("schedule", hours, opts=opts)
budget = MonthlyBudgetArgs(settings=settings.budget, alarm_email=settings.streaming.alarm_email)
MonthlyBudget("budget", budget, opts=opts)
automl_args = AutomlArgs(
    settings=settings.automl,
    placement=network.placement,
    data_bucket=bucket,
    mlflow=platform.mlflow_access,
    alarm_topic_arn=alarms,
)
tasks, watched_tasks = automl("automl", automl_args, opts=opts)
workstation_args = WorkstationArgs(
    settings=settings.workstation,
    placement=network.placement,
    internet_routes=network.internet_routes,
    data_bucket=bucket,
    model=settings.streaming,
    mlflow=platform.mlflow_access,
)
desk, watched_desk = workstation("workstation", workstation_args, opts=opts)
args = ServingArgs(settings=settings.serving, entry=platform.entry, data_bucket=bucket, topic_arn=alarms)
service, watched_service = serving("serving", args, opts=opts)
recorded = audit("audit", AuditArgs(settings=settings.audit), opts=opts)
watched = (one.monitored for one in (streaming, network, platform, schedule))
parts = (*watched, *watched_tasks, *watched_desk, *watched_service, *recorded)
monitoring_args = MonitoringArgs(
    settings=settings.alarms, topic_arn=alarms, warning_topic_arn=streaming.warning_topic.arn, monitored=parts
)
Monitoring("monitoring", monitoring_args, opts=opts)

outputs = {**network.outputs, **storage.outputs, **streaming.outputs, **platform_outputs(platform)}
outputs |= {"schedule_saving": schedule.saving, **tasks, **desk, **service}
for key, value in outputs.items():
    pulumi.export(key, value)
