"""The prediction service on Fargate, which ECS replaces by blue/green deployments."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.account import partition
from components.common.built_image import built_image
from components.common.data_access import NamedArn
from components.common.docker_engine import check_engine
from components.common.entry import Entry
from components.common.monitored import Monitored
from components.common.names import physical_name
from components.common.paths import ROOT
from components.common.repository import repository, repository_arns
from components.common.security_groups import Groups
from components.common.service_role import service_role
from components.serving import roles
from components.serving.alarms import alarm, figures, panels
from components.serving.routing import PATH, PORT, Routing, route
from components.serving.scaling import scale
from components.serving.settings import ServingSettings
from components.serving.task import CONTAINER, task_definition

# What the image is built from; a change of anything else leaves the service as it is.
PARTS = ("lambda", "workloads/__init__.py", "workloads/images/serving", "workloads/serving")
DOCKERFILE = "workloads/images/serving/Dockerfile"
_TASKS, _ECS = "ecs-tasks.amazonaws.com", "ecs.amazonaws.com"
_MINUTES_TO_START = 20


@dataclass(frozen=True, kw_only=True)
class ServingArgs:
    """The settings, where to run and to be reached, the models' bucket, and whom to tell.

    `entry` is None where the orchestration has no load balancer; the settings refuse the service there.
    """

    settings: ServingSettings
    entry: Entry | None
    data_bucket: NamedArn
    topic_arn: pulumi.Input[str]


class Serving(pulumi.ComponentResource):
    """`POST /predict` on the load balancer.

    ::

        service = Serving("serving", ServingArgs(settings=..., entry=platform.entry, ...), platform.entry)
        pulumi.export("predict_url", service.predict_url)
    """

    predict_url: pulumi.Output[str]
    monitored: Monitored

    def __init__(
        self, name: str, args: ServingArgs, entry: Entry, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mlops:index:Serving", name, None, opts)
        self._name = name
        self._args = args
        self._entry = entry
        self._opts = pulumi.ResourceOptions(parent=self)
        routing = route(name, entry, parent=self)
        watched = [
            alarm(name, figure, entry, routing, topic_arn=args.topic_arn, parent=self)
            for figure in figures(args.settings)
        ]
        service = self._service(self._task(), routing, [one.name for one in watched])
        scale(name, args.settings, service, entry, routing, parent=self)
        self.monitored = Monitored(owner=self, name=name, panels=panels(entry, routing))
        self.predict_url = pulumi.Output.concat(entry.origin, PATH)
        self.register_outputs({"predict_url": self.predict_url})

    def _task(self) -> aws.ecs.TaskDefinition:
        args, settings = self._args, self._args.settings
        image, repositories = self._image()
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        group = aws.cloudwatch.LogGroup(
            self._name,
            name=f"/ecs/{physical_name('serving')}",
            retention_in_days=settings.log_retention_days,
            opts=self._opts,
        )
        execution, pull = service_role(
            self._name, "execution", roles.execution_statements(repositories, group.arn),
            assumed_by=_TASKS, parent=self,
        )  # fmt: skip
        task, read = service_role(
            self._name, "task", roles.task_statements(args.data_bucket, settings),
            assumed_by=_TASKS, parent=self,
        )  # fmt: skip
        self._grants: list[pulumi.Resource] = [pull, read]
        environment = {
            "AWS_REGION": region,
            "DATA_BUCKET": args.data_bucket.name,
            "HOST": "0.0.0.0",  # noqa: S104 - its security group decides who reaches it
            "MODEL_ALIAS": settings.model_alias,
            "MODEL_NAME": settings.model_name,
            "PORT": str(PORT),
            "POWERTOOLS_SERVICE_NAME": "serving",
        }
        return task_definition(
            self._name,
            settings,
            image,
            environment,
            logs={"awslogs-group": group.name, "awslogs-region": region},
            execution_role_arn=execution.arn,
            task_role_arn=task.arn,
            parent=self,
        )

    def _image(self) -> tuple[pulumi.Output[str], list[pulumi.Input[str]]]:
        """The image, and the repositories that it is pulled from."""
        settings = self._args.settings
        if uri := settings.serving_image_uri:
            return pulumi.Output.from_input(uri), list(repository_arns([uri], partition(self)))
        check_engine(
            ["serving"],
            settings.serving_architecture,
            instead="name an image in a registry with servingImageUri",
        )
        made = repository(self._name, "serving", parent=self)
        image = built_image(
            self._name, "serving", made,
            context=ROOT, parts=PARTS, dockerfile=DOCKERFILE,
            architecture=settings.serving_architecture, parent=self,
        )  # fmt: skip
        return image, [made.arn]

    def _service(
        self,
        task: aws.ecs.TaskDefinition,
        routing: Routing,
        alarm_names: Sequence[pulumi.Output[str]],
    ) -> aws.ecs.Service:
        """Replaced blue/green; it counts as deployed once ECS has seen new tasks through the bake time."""
        settings, entry = self._args.settings, self._entry
        role, grant = service_role(
            self._name, "infrastructure", roles.infrastructure_statements(routing),
            assumed_by=_ECS, parent=self,
        )  # fmt: skip
        minutes = f"{settings.serving_bake_minutes + _MINUTES_TO_START}m"
        return aws.ecs.Service(
            self._name,
            name=physical_name("serving"),
            cluster=entry.cluster_arn,
            task_definition=task.arn,
            desired_count=settings.serving_count,
            capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1}],
            force_new_deployment=True,  # ECS takes a new strategy with a new deployment only
            deployment_configuration={
                "strategy": "BLUE_GREEN",
                "bake_time_in_minutes": str(settings.serving_bake_minutes),
            },
            deployment_circuit_breaker={"enable": True, "rollback": True},
            alarms={"alarm_names": alarm_names, "enable": True, "rollback": True},
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            health_check_grace_period_seconds=60,
            network_configuration=self._network(),
            load_balancers=[_balanced(routing, role)],
            wait_for_steady_state=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[entry.capacity, *entry.internet_routes, *self._grants, grant],
                ignore_changes=["desiredCount"],  # autoscaling moves it
                custom_timeouts=pulumi.CustomTimeouts(create=minutes, update=minutes),
            ),
        )

    def _network(self) -> aws.ecs.ServiceNetworkConfigurationArgs:
        """The load balancer reaches the tasks, and they AWS."""
        groups = Groups(self._name, self._entry.vpc_id, parent=self)
        group = groups.group("serving", "Tasks of the prediction service")
        groups.allow_ids("balancer", self._entry.security_group_id, group.id, PORT)
        groups.allow_https("https", group)
        return aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=self._entry.subnet_ids, security_groups=[group.id], assign_public_ip=False
        )


def _balanced(routing: Routing, role: aws.iam.Role) -> aws.ecs.ServiceLoadBalancerArgs:
    return aws.ecs.ServiceLoadBalancerArgs(
        target_group_arn=routing.blue.arn,
        container_name=CONTAINER,
        container_port=PORT,
        advanced_configuration=aws.ecs.ServiceLoadBalancerAdvancedConfigurationArgs(
            alternate_target_group_arn=routing.green.arn,
            production_listener_rule=routing.rule.arn,
            role_arn=role.arn,
        ),
    )


def serving(
    name: str, args: ServingArgs, opts: pulumi.ResourceOptions | None = None
) -> tuple[dict[str, pulumi.Output[str]], tuple[Monitored, ...]]:
    """The output of the service and what to watch; nothing unless the settings ask for it."""
    if not args.settings.serving or args.entry is None:
        return {}, ()
    made = Serving(name, args, args.entry, opts)
    return {"predict_url": made.predict_url}, (made.monitored,)
