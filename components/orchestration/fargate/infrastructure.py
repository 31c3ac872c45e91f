"""What the services run on: network rules, database, files, load balancer, cluster, names and logs."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.entry import Entry
from components.common.insights import insights_log_group
from components.common.names import physical_name
from components.orchestration.fargate.args import FargateArgs
from components.orchestration.fargate.cluster import cluster
from components.orchestration.fargate.database import Database
from components.orchestration.fargate.file_system import shared_files
from components.orchestration.fargate.load_balancer import LoadBalancer
from components.orchestration.fargate.security_groups import SecurityGroups


class Infrastructure:
    """Everything that Airflow's and MLflow's services share."""

    def __init__(self, name: str, args: FargateArgs, *, parent: pulumi.Resource) -> None:
        self._args, opts = args, pulumi.ResourceOptions(parent=parent)
        self.groups = SecurityGroups(name, args.vpc_id, args.settings, parent=parent)
        self.database = Database(
            name, args.settings, args.private_subnet_ids, self.groups.database.id, parent=parent
        )
        self.files = shared_files(
            name, args.settings, args.private_subnet_ids, self.groups.files.id, parent=parent
        )
        self.load_balancer = LoadBalancer(
            name,
            args.settings,
            vpc_id=args.vpc_id,
            subnet_ids=args.public_subnet_ids,
            security_group_id=self.groups.balancer.id,
            access_logs_bucket=args.access_logs_bucket_name,
            internet_routes=args.internet_routes,
            parent=parent,
        )
        self.namespace = aws.servicediscovery.PrivateDnsNamespace(
            f"{name}-namespace",
            name=f"{pulumi.get_project()}-{pulumi.get_stack()}.internal",
            vpc=args.vpc_id,
            opts=opts,
        )
        self.log_groups = {
            service: aws.cloudwatch.LogGroup(
                f"{name}-{service}",
                name=f"/ecs/{physical_name(service)}",
                retention_in_days=args.settings.log_retention_days,
                opts=opts,
            )
            for service in ("airflow", "mlflow", "admin")
        }
        if args.settings.container_insights:
            insights_log_group(
                f"{name}-insights", physical_name("cluster"), args.settings.log_retention_days, parent
            )
        self.region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=parent)).region
        self.cluster, self.capacity, self.sessions = cluster(name, args.settings, parent=parent)

    def outputs(self) -> dict[str, pulumi.Output[Any]]:
        """The stack outputs that only this variant has."""
        balancer, instance = self.load_balancer.load_balancer, self.database.instance
        return {
            "alb_dns_name": balancer.dns_name,
            "alb_zone_id": balancer.zone_id,
            "ecs_cluster_name": self.cluster.name,
            "ecs_cluster_arn": self.cluster.arn,
            "rds_endpoint": instance.address,
            "rds_port": instance.port,
            "efs_file_system_id": self.files.file_system.id,
        }

    def entry(self) -> Entry:
        """What a service beside Airflow and MLflow needs."""
        return Entry(
            vpc_id=self._args.vpc_id,
            subnet_ids=self._args.private_subnet_ids,
            internet_routes=self._args.internet_routes,
            cluster_name=self.cluster.name,
            cluster_arn=self.cluster.arn,
            capacity=self.capacity,
            listener_arn=self.load_balancer.listener.arn,
            load_balancer=self.load_balancer.load_balancer.arn_suffix,
            security_group_id=self.groups.balancer.id,
            origin=self.load_balancer.origin("airflow"),
            sign_in=self.load_balancer.sign_in,
        )
