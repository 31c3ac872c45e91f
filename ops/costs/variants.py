"""What else a stack could be: config keys that save, with what they give up, and AWS's managed services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.costs.estimate import estimate_of
from ops.costs.graphs import chosen_config, graphs
from ops.costs.model import Estimate, Graph
from ops.costs.prices import prices
from ops.costs.pricing import HOURS
from ops.costs.report import money
from ops.costs.usage import Usage

_SERVICE = "aws:ecs/service:Service"
_NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A change of the config, what it gives up, and the resource types without which it changes nothing."""

    config: Mapping[str, str]
    gives_up: str
    needs: str

    @property
    def name(self) -> str:
        """As one would type it."""
        return " ".join(f"{key}={value}" for key, value in self.config.items())


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What a variant costs; `usd` a month less than the stack, negative where it costs more."""

    variant: Variant
    sum: Decimal
    usd: Decimal


@dataclass(frozen=True, kw_only=True)
class Managed:
    """A service of AWS in place of a part of the stack; `usd` is None where no list price says it."""

    name: str
    usd: Decimal | None
    says: str


VARIANTS: Sequence[Variant] = (
    Variant(
        config={"orchestrationSpot": "true"},
        gives_up="AWS may stop the instance with two minutes' notice",
        needs="mlops:index:ComposeOrchestration",
    ),
    Variant(
        config={"frontendInstance": "false", "composeExecutor": "local"},
        gives_up="the admin GUI shares the instance with Airflow, whose tasks run in its scheduler",
        needs="mlops:index:ComposeOrchestration",
    ),
    Variant(
        config={"schedule": "office-hours"},
        gives_up="nothing runs at night and at weekends; rides are still predicted",
        needs="mlops:index:Schedule",
    ),
    Variant(
        config={"orchestrationVariant": "compose"},
        gives_up="one instance in place of tasks, database, shared files and load balancer",
        needs=_SERVICE,
    ),
    Variant(
        config={"nat": "instance"},
        gives_up="one small instance carries all traffic out, and a zone's failure can take it away",
        needs=_NAT_GATEWAY,
    ),
    Variant(
        config={"nat": "gateway"},
        gives_up="the failure of one zone takes the way out of all of them",
        needs=_NAT_GATEWAY,
    ),
    Variant(
        config={"fargateBase": "0", "fargateWeight": "0", "fargateSpotWeight": "1"},
        gives_up="AWS may stop any task with two minutes' notice",
        needs=_SERVICE,
    ),
    Variant(
        config={"rdsMultiAz": "false"},
        gives_up="no standby: a zone's failure takes the database away until it is restored",
        needs=_SERVICE,
    ),
    Variant(
        config={"containerInsights": "false"},
        gives_up="no metrics of single tasks",
        needs=_SERVICE,
    ),
    Variant(
        config={"logRetentionDays": "3"},
        gives_up="logs are gone after three days",
        needs="aws:cloudwatch/logGroup:LogGroup",
    ),
    Variant(
        config={"kinesisStreamMode": "on-demand"},
        gives_up="no shards to plan: the stream grows by itself",
        needs="aws:kinesis/stream:Stream",
    ),
    Variant(
        config={"kinesisStreamMode": "provisioned"},
        gives_up="what is above 1 MiB or 1,000 rides a second and shard is refused",
        needs="aws:kinesis/stream:Stream",
    ),
)


def savings(
    stack: str,
    config: Mapping[str, str],
    graph: Graph,
    now: Estimate,
    usage: Usage,
    variants: Sequence[Variant] = VARIANTS,
) -> list[Saving]:
    """The variants whose price differs, computed by running the program with each; the best first."""
    types, chosen = {one.type for one in graph.resources}, chosen_config(stack, config)
    tried = [one for one in variants if one.needs in types and not one.config.items() <= chosen.items()]
    found = []
    shown = graphs(stack, [{**config, **one.config} for one in tried])
    for variant, changed in zip(tried, shown, strict=True):
        sum_ = estimate_of(changed, usage).usd
        if sum_ != now.usd:
            found.append(Saving(variant=variant, sum=sum_, usd=now.usd - sum_))
    return sorted(found, key=lambda one: -one.usd)


def managed(now: Estimate) -> list[Managed]:
    """What AWS's managed Airflow and MLflow cost in the stack's region."""
    found = prices(now.region)
    storage_gb = 10
    airflow = found["mwaa.small"].usd * HOURS + found["mwaa.storage"].usd * storage_gb
    own = sum((usd for name, usd in now.by_component.items() if name.endswith("Orchestration")), Decimal(0))
    return [
        Managed(
            name="Amazon MWAA, small",
            usd=airflow,
            says=f"Airflow alone: an environment around the clock with one worker, and {storage_gb} GB of "
            f"metadata. Airflow, MLflow and what they need are {money(own)} here. It cannot be stopped "
            "outside of office hours, takes the operation of Airflow off one's hands, and follows its "
            "releases months later.",
        ),
        Managed(
            name="SageMaker AI's serverless MLflow",
            usd=None,
            says="no list price confirms it; AWS announced it in December 2025 without a charge of its own. "
            "It would take one container or task here away; artifacts would cost the same in S3. Its "
            "registry is SageMaker's, and training and promotion here would have to sign their requests.",
        ),
    ]


def print_variants(found: Sequence[Saving], now: Estimate, console: Console) -> None:
    """What could be saved, what it gives up, and the managed alternatives."""
    table = Table("what else it could be", "USD a month", "saves", "gives up", box=None, header_style="bold")
    for column in (1, 2):
        table.columns[column].justify = "right"
    for one in found:
        gives_up = one.variant.gives_up if one.usd > 0 else f"costs more; {one.variant.gives_up}"
        table.add_row(escape(one.variant.name), money(one.sum), f"{one.usd:+,.2f}", escape(gives_up))
    console.print(table)
    for service in managed(now):
        usd = f"{money(service.usd)} USD a month" if service.usd is not None else "no price"
        console.print(f"[bold]{service.name}[/bold]: {usd}. {escape(service.says)}")
