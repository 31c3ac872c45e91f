"""What a schedule can stop on Fargate."""

from collections.abc import Mapping

import pulumi_aws as aws

from components.common.pausable import Pausable, pausable_database, pausable_service
from components.orchestration.fargate.infrastructure import Infrastructure


def pausables(
    base: Infrastructure, running: Mapping[str, tuple[aws.ecs.Service, int]]
) -> tuple[Pausable, ...]:
    """The database, and every service with its count of tasks."""
    instance = base.database.instance
    services = (
        pausable_service(name, cluster=base.cluster.name, service=service.name, arn=service.arn, count=count)
        for name, (service, count) in running.items()
    )
    return (pausable_database("database", identifier=instance.identifier, arn=instance.arn), *services)
