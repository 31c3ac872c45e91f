"""Policy documents are plain data in IAM's own shape."""

from typing import Any

from components.common.iam import assume_role, policy, service_statement, statement, tls_only


def test_a_statement_allows_what_it_names() -> None:
    assert policy(statement(["s3:GetObject"], ["arn:aws:s3:::b/*"], sid="Read")) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"], "Sid": "Read"}
        ],
    }


def test_conditions_are_kept_and_absent_ones_leave_no_key() -> None:
    conditions = {"StringEquals": {"aws:SourceAccount": "1"}}
    assert statement(["a:B"], ["*"], conditions=conditions)["Condition"] == conditions
    assert "Condition" not in statement(["a:B"], ["*"])


def test_a_trust_policy_names_its_services() -> None:
    trust: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    }
    services = trust["Principal"]["Service"]
    assert assume_role(*services) == {"Version": "2012-10-17", "Statement": [trust]}
    conditions = {"StringEquals": {"aws:SourceAccount": "1"}}
    assert assume_role(*services, conditions=conditions) == policy({**trust, "Condition": conditions})


def test_a_resource_s_own_policy_names_the_service_that_may() -> None:
    assert service_statement(["logging.s3.amazonaws.com"], ["s3:PutObject"], ["arn"]) == {
        "Effect": "Allow",
        "Action": ["s3:PutObject"],
        "Resource": ["arn"],
        "Principal": {"Service": ["logging.s3.amazonaws.com"]},
    }


def test_whoever_comes_without_tls_is_denied() -> None:
    assert tls_only(["s3:*"], ["arn"]) == {
        "Sid": "DenyWithoutTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": ["arn"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
