"""Signing in with OpenID Connect at the load balancer, before a request reaches a service."""

import pulumi
import pulumi_aws as aws

from components.orchestration.fargate.settings.load_balancer import LoadBalancerSettings


def sign_in_action(
    settings: LoadBalancerSettings, load_balancer: aws.lb.LoadBalancer
) -> aws.lb.ListenerRuleActionArgsDict:
    """The rule's first action; the client's secret stays a secret in the state."""
    version = aws.secretsmanager.get_secret_version_output(
        secret_id=settings.oidc_client_secret_arn,
        opts=pulumi.InvokeOutputOptions(parent=load_balancer),
    )
    return {
        "type": "authenticate-oidc",
        "authenticate_oidc": {
            "issuer": settings.oidc_issuer,
            "authorization_endpoint": settings.oidc_authorization_endpoint,
            "token_endpoint": settings.oidc_token_endpoint,
            "user_info_endpoint": settings.oidc_user_info_endpoint,
            "client_id": settings.oidc_client_id,
            "client_secret": pulumi.Output.secret(version.secret_string),
            "on_unauthenticated_request": "authenticate",
        },
    }
