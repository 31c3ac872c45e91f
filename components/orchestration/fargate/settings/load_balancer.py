"""Settings of the load balancer."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.common.settings import DeletionProtectionSettings
from components.config.keys import SECTION, key
from components.config.types import Cidr


@dataclass(frozen=True, kw_only=True, config=SECTION)
class LoadBalancerSettings(DeletionProtectionSettings):
    """The load balancer, and by which address people reach what is behind it."""

    alb_ingress_cidrs: tuple[Cidr, ...] = key("IPv4 ranges that may reach the load balancer", ("0.0.0.0/0",))
    alb_access_logs: bool = key("Whether the load balancer logs its requests to the access log bucket", True)
    alb_idle_timeout_seconds: Annotated[int, Field(ge=1, le=4000)] = key(
        "Seconds that the load balancer keeps an idle connection, 1 to 4000", 60
    )
    certificate_arn: Annotated[str, Field(pattern=r"^(arn:aws[a-z-]*:acm:.+)?$")] = key(
        "ACM certificate for HTTPS; with it HTTP redirects", ""
    )
    domain_name: Annotated[str, Field(pattern=r"^([a-z0-9-]+\.)*[a-z0-9-]*$")] = key(
        "Domain under which the services are reached", ""
    )
    hosted_zone_id: Annotated[str, Field(pattern=r"^(Z[A-Z0-9]+)?$")] = key(
        "Route 53 zone to put the domain's records in; needs domainName", ""
    )

    def load_balancer_problems(self) -> Iterator[str]:
        """What the load balancer cannot serve, a sentence a problem."""
        if self.hosted_zone_id and not self.domain_name:
            yield f"hostedZoneId: got {self.hosted_zone_id!r} without domainName; set domainName too"
