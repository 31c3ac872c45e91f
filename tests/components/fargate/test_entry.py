"""The load balancer: who gets in, by which name, and over TLS."""

from typing import Any

import pytest

from components.settings import Settings, SettingsError
from tests.components.fargate.conftest import CERTIFICATE, OIDC, rules


def test_without_a_domain_both_share_one_address_by_path(fargate: Any) -> None:
    deployed = fargate()
    assert deployed.result["airflow"] == "http://alb.example/airflow"
    assert deployed.result["mlflow"] == "http://alb.example/mlflow"
    health = {one.name: one.inputs["healthCheck"]["path"] for one in deployed.all("TargetGroup")}
    assert health == {
        "orchestration-airflow": "/airflow/api/v2/monitor/health",
        "orchestration-mlflow": "/mlflow/health",
        "orchestration-admin": "/healthz",
    }
    listener = deployed.one("Listener", "orchestration-admin").inputs
    assert (listener["port"], deployed.result["admin"]) == (5000, "http://alb.example:5000")
    assert deployed.result["status"] == "http://alb.example:5000/status"


def test_hosted_zone_brings_a_validated_certificate(fargate: Any) -> None:
    """Every name is proved in the zone, and HTTP only redirects."""
    deployed = fargate(domainName="x.org", hostedZoneId="Z123", albIngressCidrs='["0.0.0.0/0"]')
    certificate = deployed.one("aws:acm/certificate:Certificate").inputs
    assert (certificate["domainName"], certificate["subjectAlternativeNames"]) == (
        "airflow.x.org",
        ["mlflow.x.org", "admin.x.org"],
    )
    proofs = {
        one.inputs["name"]: one.inputs["records"]
        for one in deployed.all("aws:route53/record:Record")
        if "certificate" in one.name
    }
    assert proofs == {
        "_a.airflow.x.org": ["a.acm"],
        "_m.mlflow.x.org": ["m.acm"],
        "_a.admin.x.org": ["a.acm"],
    }
    assert deployed.result["admin"] == "https://admin.x.org"
    validation = deployed.one("aws:acm/certificateValidation:CertificateValidation").inputs
    assert len(validation["validationRecordFqdns"]) == 3
    assert deployed.one("Listener", "orchestration-http").inputs["defaultActions"][0]["type"] == "redirect"


def test_oidc_signs_in_before_a_service_is_reached(fargate: Any) -> None:
    deployed = fargate(domainName="x.org", hostedZoneId="Z123", **OIDC)
    for rule in deployed.all("ListenerRule"):
        sign_in, forward = rule.inputs["actions"]["value"]  # a secret, for it holds the client's
        assert (sign_in["type"], forward["type"]) == ("authenticate-oidc", "forward")
        assert sign_in["authenticateOidc"]["clientId"] == "client"
    assert ("balancer", 443, "0.0.0.0/0") in rules(deployed, "SecurityGroupEgressRule")


@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({"albIngressCidrs": '["0.0.0.0/0"]'}, "albIngressCidrs"),
        ({"certificateArn": CERTIFICATE}, "certificateArn"),
        ({"domainName": "x.org"}, "domainName"),
        ({"hostedZoneId": "Z123"}, "hostedZoneId"),
        ({"domainName": "x.org", "hostedZoneId": "Z123", "oidcIssuer": "https://id.x.org"}, "oidc"),
        (OIDC, "oidcIssuer"),
    ],
)
def test_unsafe_entry_is_refused(config: dict[str, str], key: str) -> None:
    """Passwords never pass in plain text from a public range, and a certificate always matches a name."""
    with pytest.raises(SettingsError, match=rf"- {key}\w*(, \w+)*: .*set|needs"):
        Settings.from_config({"tier": "production", **config})


def test_nobody_is_let_in_by_default(fargate: Any) -> None:
    allowed = {cidr for _, _, cidr in rules(fargate("production"), "SecurityGroupIngressRule")}
    assert not any("/" in cidr for cidr in allowed)


def test_with_a_certificate_http_only_redirects(fargate: Any) -> None:
    deployed = fargate(certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/c", domainName="x.org")
    assert deployed.result["airflow"] == "https://airflow.x.org"
    assert deployed.one("Listener", "orchestration-http").inputs["defaultActions"][0]["type"] == "redirect"
    assert {rule.inputs["listenerArn"] for rule in deployed.all("ListenerRule")} == {
        deployed.one("Listener", "orchestration-https").name.join(["arn:aws:lb:us-east-1:123456789012:", ""])
    }


def test_https_takes_tls_1_2_and_newer(fargate: Any) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
    deployed = fargate(certificateArn=CERTIFICATE, domainName="x.org")
    listener = deployed.one("Listener", "orchestration-https").inputs
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["sslPolicy"] in {
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
    }
