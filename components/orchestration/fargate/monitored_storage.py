"""What is worth an alarm on Fargate: database and shared files."""

import pulumi_aws as aws

from components.common.instance_types import memory_mib
from components.common.monitored import Alarm, Metric, Panel
from components.orchestration.fargate.settings import FargateSettings

_FIVE_MINUTES = 300
_GIB = 1024**3
_BYTES_PER_CONNECTION = 9_531_392  # RDS's default of max_connections is the class's memory divided by it
_FREE_SHARE = 0.1  # RDS grows the storage from here on, where it may
_FEW_BURST_BYTES = 256 * _GIB  # three quarters of an hour at the 100 MiB/s of a burst


def database_alarms(settings: FargateSettings, instance: aws.rds.Instance) -> tuple[Alarm, ...]:
    """Storage, connections, processor and, where the class has them, CPU credits."""

    def alarm(name: str, meaning: str, metric: str, threshold: float, comparison: str, periods: int) -> Alarm:
        return Alarm(
            name=f"database-{name}",
            meaning=meaning,
            runbook="database-full" if name == "storage" else "database-busy",
            metric=_database(metric, instance),
            threshold=threshold,
            comparison="<" if comparison == "<" else ">",
            periods=periods,
        )

    free = int(settings.rds_allocated_storage_gib * _GIB * _FREE_SHARE)
    made = [
        alarm("storage", "the database has hardly any storage left", "FreeStorageSpace", free, "<", 6),
        alarm("cpu", "the database has used over 80 % of its processor for ten minutes",
              "CPUUtilization", 80, ">", 2),
    ]  # fmt: skip
    most = _connections(settings.rds_instance_class)
    if most:
        made.append(
            alarm("connections", f"over {most} connections, most of what the database takes",
                  "DatabaseConnections", most, ">", 2)
        )  # fmt: skip
    if settings.rds_instance_class.startswith("db.t"):
        made.append(
            alarm("cpu-credits", "the database has hardly any CPU credits left, and further ones are billed",
                  "CPUCreditBalance", 10, "<", 3)
        )  # fmt: skip
    return tuple(made)


def database_panels(instance: aws.rds.Instance) -> tuple[Panel, ...]:
    """How full and how busy the database is."""
    return (
        Panel(group="Database", title="CPU, percent", metrics=(_database("CPUUtilization", instance),)),
        Panel(group="Database", title="Connections", metrics=(_database("DatabaseConnections", instance),)),
        Panel(
            group="Database", title="Free storage, bytes", metrics=(_database("FreeStorageSpace", instance),)
        ),
    )


def file_alarms(settings: FargateSettings, file_system: aws.efs.FileSystem) -> tuple[Alarm, ...]:
    """Burst credits; EFS in other modes has none."""
    if settings.efs_throughput_mode != "bursting":
        return ()
    return (
        Alarm(
            name="files-burst-credits",
            meaning="the shared files have hardly any burst credits left and are about to be slow",
            runbook="files-slow",
            metric=Metric(
                namespace="AWS/EFS",
                name="BurstCreditBalance",
                dimensions={"FileSystemId": file_system.id},
                statistic="Minimum",
                period_seconds=_FIVE_MINUTES,
            ),
            threshold=_FEW_BURST_BYTES,
            comparison="<",
            periods=3,
        ),
    )


def _connections(instance_class: str) -> int:
    """70 % of the connections that a class takes by default; 0 for a class whose memory is not known."""
    try:
        memory = memory_mib(instance_class.removeprefix("db.")) * 1024**2
    except ValueError:
        return 0
    return int(min(memory / _BYTES_PER_CONNECTION, 5000) * 0.7)


def _database(name: str, instance: aws.rds.Instance) -> Metric:
    return Metric(
        namespace="AWS/RDS",
        name=name,
        dimensions={"DBInstanceIdentifier": instance.identifier},
        statistic="Average",
        period_seconds=_FIVE_MINUTES,
    )
