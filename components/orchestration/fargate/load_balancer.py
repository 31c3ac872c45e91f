"""The load balancer and the addresses of what is behind it.

With a domain each service has a host of its own, such as `airflow.<domain>`. Without one they share the
balancer's address. Airflow and MLflow are under the paths `/airflow` and `/mlflow`: Airflow takes its path
from `[api] base_url`, MLflow from `--static-prefix`, and both then expect it in every request, so nothing is
rewritten. The admin GUI is under port 5000.
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name
from components.orchestration.containers import ADMIN_PORT, CONTAINERS
from components.orchestration.fargate.certificate import validated_certificate
from components.orchestration.fargate.oidc import sign_in_action
from components.orchestration.fargate.settings.load_balancer import LoadBalancerSettings

_NAME_LIMIT = 32  # of load balancers
_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
# The container that serves each, and the priority of its rule.
_SERVICES = {
    "airflow": (CONTAINERS["api-server"], 10),
    "mlflow": (CONTAINERS["mlflow"], 20),
    "admin": (CONTAINERS["admin"], 30),
}


class LoadBalancer:
    """An application load balancer in the public subnets; `listeners` exist before a service can register.

    `listener` is the one with rules, and `sign_in` what they begin with.
    """

    def __init__(
        self,
        name: str,
        settings: LoadBalancerSettings,
        *,
        vpc_id: pulumi.Input[str],
        subnet_ids: Sequence[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        access_logs_bucket: pulumi.Input[str],
        internet_routes: Sequence[pulumi.Resource],
        parent: pulumi.Resource,
    ) -> None:
        self._name = name
        self._settings = settings
        self._opts = pulumi.ResourceOptions(parent=parent)
        full = physical_name("alb")
        self.load_balancer = aws.lb.LoadBalancer(
            f"{name}-balancer",
            name=full if len(full) <= _NAME_LIMIT else None,  # else Pulumi makes one of the resource's name
            load_balancer_type="application",
            subnets=subnet_ids,
            security_groups=[security_group_id],
            drop_invalid_header_fields=True,
            idle_timeout=settings.alb_idle_timeout_seconds,
            enable_deletion_protection=settings.deletion_protection,
            access_logs={
                "bucket": access_logs_bucket,
                "prefix": "load-balancer",
                "enabled": settings.alb_access_logs,
            },
            # AWS refuses a public load balancer in a VPC without an internet gateway.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=internet_routes),
        )
        self.sign_in = [sign_in_action(settings, self.load_balancer)] if settings.oidc_issuer else []
        self.target_groups = {service: self._target_group(service, vpc_id) for service in _SERVICES}
        self.listeners = self._listeners(parent)
        self.listener = self.listeners[-1 if settings.https else 0]
        if settings.hosted_zone_id:
            for service in _SERVICES:
                self._record(service)

    def path(self, service: str) -> str:
        """The path that every request to the service begins with; empty where it has a host of its own."""
        return "" if self._settings.domain_name or service == "admin" else f"/{service}"

    def host(self, service: str) -> pulumi.Output[str]:
        """The host name by which a browser asks for the service."""
        domain = self._settings.domain_name
        return pulumi.Output.from_input(f"{service}.{domain}") if domain else self.load_balancer.dns_name

    def origin(self, service: str) -> pulumi.Output[str]:
        """Scheme and host of the service, as a browser sends them in `Origin`."""
        return pulumi.Output.format(
            "{0}://{1}", "https" if self._settings.https else "http", self.host(service)
        )

    def url(self, service: str) -> pulumi.Output[str]:
        """Where a browser finds the service."""
        if service == "admin" and not self._settings.domain_name:
            return pulumi.Output.format("{0}:{1}", self.origin(service), ADMIN_PORT)
        return pulumi.Output.concat(self.origin(service), self.path(service))

    def _target_group(self, service: str, vpc_id: pulumi.Input[str]) -> aws.lb.TargetGroup:
        spec, _ = _SERVICES[service]
        return aws.lb.TargetGroup(
            f"{self._name}-{service}",
            port=spec.port,
            protocol="HTTP",
            target_type="ip",
            vpc_id=vpc_id,
            deregistration_delay=30,
            health_check={
                "path": f"{self.path(service)}{spec.health_path}",
                "matcher": "200",
                "interval": 30,
                "timeout": 10,
                "healthy_threshold": 2,
                "unhealthy_threshold": 5,
            },
            opts=self._opts,
        )

    def _listeners(self, parent: pulumi.Resource) -> list[aws.lb.Listener]:
        if not self._settings.https:
            http = self._listener("http", 80, self._default_action())
            self._rules(http)
            target = self.target_groups["admin"].arn
            admin = self._listener(
                "admin", ADMIN_PORT, {"type": "forward", "target_group_arn": target}, protocol="HTTP"
            )
            return [http, admin]
        to_https: aws.lb.ListenerDefaultActionRedirectArgsDict = {
            "port": "443",
            "protocol": "HTTPS",
            "status_code": "HTTP_301",
        }
        http = self._listener("http", 80, {"type": "redirect", "redirect": to_https})
        https = self._listener("https", 443, self._default_action(), self._certificate_arn(parent))
        self._rules(https)
        return [http, https]

    def _certificate_arn(self, parent: pulumi.Resource) -> pulumi.Input[str]:
        settings = self._settings
        if settings.certificate_arn:
            return settings.certificate_arn
        host_names = [f"{service}.{settings.domain_name}" for service in _SERVICES]
        return validated_certificate(self._name, host_names, settings.hosted_zone_id, parent=parent)

    def _listener(
        self,
        scheme: str,
        port: int,
        action: aws.lb.ListenerDefaultActionArgsDict,
        certificate_arn: pulumi.Input[str] | None = None,
        *,
        protocol: str = "",
    ) -> aws.lb.Listener:
        return aws.lb.Listener(
            f"{self._name}-{scheme}",
            load_balancer_arn=self.load_balancer.arn,
            port=port,
            protocol=protocol or scheme.upper(),
            ssl_policy=_TLS_POLICY if certificate_arn else None,
            certificate_arn=certificate_arn,
            default_actions=[action],
            opts=self._opts,
        )

    def _default_action(self) -> aws.lb.ListenerDefaultActionArgsDict:
        if self._settings.domain_name:
            answer: aws.lb.ListenerDefaultActionFixedResponseArgsDict = {
                "content_type": "text/plain",
                "message_body": "No such host",
                "status_code": "404",
            }
            return {"type": "fixed-response", "fixed_response": answer}
        return {"type": "redirect", "redirect": {"path": "/airflow/", "query": "", "status_code": "HTTP_302"}}

    def _rules(self, listener: aws.lb.Listener) -> None:
        for service, (_, priority) in _SERVICES.items():
            path = self.path(service)
            if service == "admin" and not self._settings.domain_name:
                continue  # its listener has nothing else
            condition: aws.lb.ListenerRuleConditionArgsDict = (
                {"path_pattern": {"values": [path, f"{path}/*"]}}
                if path
                else {"host_header": {"values": [f"{service}.{self._settings.domain_name}"]}}
            )
            forward: aws.lb.ListenerRuleActionArgsDict = {
                "type": "forward",
                "target_group_arn": self.target_groups[service].arn,
            }
            aws.lb.ListenerRule(
                f"{self._name}-{service}",
                listener_arn=listener.arn,
                priority=priority,
                conditions=[condition],
                actions=[*self.sign_in, forward],
                opts=self._opts,
            )

    def _record(self, service: str) -> None:
        alias: aws.route53.RecordAliasArgsDict = {
            "name": self.load_balancer.dns_name,
            "zone_id": self.load_balancer.zone_id,
            "evaluate_target_health": False,
        }
        aws.route53.Record(
            f"{self._name}-{service}",
            zone_id=self._settings.hosted_zone_id,
            name=f"{service}.{self._settings.domain_name}",
            type="A",
            aliases=[alias],
            opts=self._opts,
        )
