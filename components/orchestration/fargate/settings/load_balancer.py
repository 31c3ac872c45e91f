"""Settings of the load balancer."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.common.settings import DeletionProtectionSettings
from components.config.aws_types import (
    OptionalCertificateArn,
    OptionalHostedZoneId,
    OptionalSecretArn,
    matching,
)
from components.config.keys import SECTION, key
from components.config.types import Cidr, Distinct, Email, OptionalDomainName, OptionalHttpsUrl

_WIDEST_HTTP_PREFIX = 8  # of a range that may use plain HTTP; wider ones are most of the internet


@dataclass(frozen=True, kw_only=True, config=SECTION)
class LoadBalancerSettings(DeletionProtectionSettings):
    """The load balancer, by which address people reach what is behind it, and how they sign in."""

    alb_ingress_cidrs: Annotated[tuple[Cidr, ...], Distinct] = key(
        "IPv4 ranges that may reach the load balancer; public ones need domainName, empty admits nobody",
        (),
    )
    alb_access_logs: bool = key("Whether the load balancer logs its requests to the access log bucket", True)
    alb_idle_timeout_seconds: Annotated[int, Field(ge=1, le=4000)] = key(
        "Seconds that the load balancer keeps an idle connection, 1 to 4000", 60
    )
    domain_name: OptionalDomainName = key(
        "Domain under which the services are reached over HTTPS, as airflow.<domain>, mlflow. and admin.",
        "",
    )
    hosted_zone_id: OptionalHostedZoneId = key(
        "Route 53 zone of domainName, for its records and, without certificateArn, a certificate", ""
    )
    certificate_arn: OptionalCertificateArn = key(
        "ACM certificate for the names under domainName; empty makes one in hostedZoneId", ""
    )
    oidc_issuer: OptionalHttpsUrl = key(
        "OpenID Connect issuer to sign in with at the load balancer; empty leaves that to the services",
        "",
    )
    oidc_authorization_endpoint: OptionalHttpsUrl = key("The issuer's authorization endpoint", "")
    oidc_token_endpoint: OptionalHttpsUrl = key("The issuer's token endpoint", "")
    oidc_user_info_endpoint: OptionalHttpsUrl = key("The issuer's user info endpoint", "")
    oidc_client_id: Annotated[str, matching(r"[!-~]{0,256}", "up to 256 characters without spaces")] = key(
        "Client ID that the issuer gave the load balancer", ""
    )
    oidc_client_secret_arn: OptionalSecretArn = key(
        "Secret in Secrets Manager that holds the client's secret as plain text", ""
    )

    oidc_admins: Annotated[tuple[Email, ...], Distinct] = key(
        "E-mail addresses whose owners may use every button of the admin GUI; others may look", ()
    )

    @property
    def https(self) -> bool:
        """Whether the services are reached over HTTPS."""
        return bool(self.domain_name)

    def load_balancer_problems(self) -> Iterator[str]:
        """What the load balancer cannot serve safely, a sentence a problem."""
        yield from self._certificate_problems()
        yield from self._oidc_problems()
        for cidr in self.alb_ingress_cidrs:
            if not self.https and IPv4Network(cidr).prefixlen < _WIDEST_HTTP_PREFIX:
                yield (
                    f"albIngressCidrs: got {cidr!r} without HTTPS, where passwords pass in plain text; set "
                    "domainName with hostedZoneId or certificateArn, or name your own network, such as "
                    "198.51.100.7/32"
                )

    def _certificate_problems(self) -> Iterator[str]:
        if self.hosted_zone_id and not self.domain_name:
            yield f"hostedZoneId: got {self.hosted_zone_id!r} without domainName; set domainName too"
        if self.certificate_arn and not self.domain_name:
            yield (
                f"certificateArn: got {self.certificate_arn!r} without domainName; set the domain that the "
                "certificate is for, because no certificate matches the load balancer's own name"
            )
        if self.domain_name and not (self.hosted_zone_id or self.certificate_arn):
            yield (
                f"domainName: got {self.domain_name!r} without a certificate; set hostedZoneId, in which "
                "one is made and validated, or certificateArn"
            )

    def _oidc_problems(self) -> Iterator[str]:
        needed = {
            "oidcIssuer": self.oidc_issuer,
            "oidcAuthorizationEndpoint": self.oidc_authorization_endpoint,
            "oidcTokenEndpoint": self.oidc_token_endpoint,
            "oidcUserInfoEndpoint": self.oidc_user_info_endpoint,
            "oidcClientId": self.oidc_client_id,
            "oidcClientSecretArn": self.oidc_client_secret_arn,
        }
        missing = [name for name, value in needed.items() if not value]
        if missing and len(missing) < len(needed):
            yield f"{', '.join(missing)}: not set; a sign-in with OpenID Connect needs every oidc key"
        if self.oidc_issuer and not self.https:
            yield f"oidcIssuer: got {self.oidc_issuer!r} without HTTPS, which it needs; set domainName"
