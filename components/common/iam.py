"""IAM policy documents as plain data; values may be Outputs, so serialise with `pulumi.Output.json_dumps`."""

from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]


def policy(*statements: Document) -> Document:
    """A policy document of `statements`."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(
    actions: Sequence[str],
    resources: Sequence[Any],
    *,
    sid: str | None = None,
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> Document:
    """Allows `actions` on `resources` (ARNs, or Outputs of them) where `conditions` hold."""
    return _statement("Allow", actions, resources, sid, conditions)


def service_statement(
    services: Sequence[str],
    actions: Sequence[str],
    resources: Sequence[Any],
    *,
    sid: str | None = None,
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> Document:
    """Allows AWS `services` such as `logging.s3.amazonaws.com` the `actions`, in a resource's own policy."""
    document = _statement("Allow", actions, resources, sid, conditions)
    return {**document, "Principal": {"Service": list(services)}}


def tls_only(actions: Sequence[str], resources: Sequence[Any]) -> Document:
    """Denies `actions` on `resources` to whoever comes without TLS, in a resource's own policy."""
    conditions = {"Bool": {"aws:SecureTransport": "false"}}
    document = _statement("Deny", actions, resources, "DenyWithoutTls", conditions)
    return {**document, "Principal": "*"}


def assume_role(*services: str, conditions: Mapping[str, Mapping[str, Any]] | None = None) -> Document:
    """A trust policy by which AWS `services` such as `lambda.amazonaws.com` take a role on."""
    document: Document = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": "sts:AssumeRole",
    }
    return policy({**document, "Condition": conditions} if conditions else document)


def _statement(
    effect: str,
    actions: Sequence[str],
    resources: Sequence[Any],
    sid: str | None,
    conditions: Mapping[str, Mapping[str, Any]] | None,
) -> Document:
    document: Document = {"Effect": effect, "Action": list(actions), "Resource": list(resources)}
    if sid:
        document["Sid"] = sid
    if conditions:
        document["Condition"] = conditions
    return document
