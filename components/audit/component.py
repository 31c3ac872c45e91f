"""A trail of CloudTrail, a recorder of AWS Config with rules, and the bucket that both write to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.audit.rules import RECORDED, RULES
from components.audit.settings import AuditSettings
from components.common.account import account_id, from_this_account, partition
from components.common.buckets import bucket_policy, clean_up, private_bucket
from components.common.iam import Document, assume_role, policy, service_statement, statement
from components.common.monitored import Event, Monitored
from components.common.names import bucket_name, physical_name

_TRAIL = "cloudtrail.amazonaws.com"
_OWNED = {"s3:x-amz-acl": "bucket-owner-full-control"}


@dataclass(frozen=True, kw_only=True)
class AuditArgs:
    """The settings."""

    settings: AuditSettings


class Audit(pulumi.ComponentResource):
    """What the settings ask for, of the whole account: neither knows one stack from another.

    ::

        Audit("audit", AuditArgs(settings=AuditSettings(cloud_trail=True)))
    """

    monitored: Monitored

    def __init__(self, name: str, args: AuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Audit", name, None, opts)
        self._name = name
        self._settings = args.settings
        self._opts = pulumi.ResourceOptions(parent=self)
        self._account = account_id(self)
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        self._trail_arn = pulumi.Output.format(
            "arn:{0}:cloudtrail:{1}:{2}:trail/{3}",
            partition(self),
            region,
            self._account,
            physical_name("audit"),
        )
        self._bucket, allowed = self._make_bucket()
        if self._settings.cloud_trail:
            self._trail(allowed)
        if self._settings.aws_config:
            self._config()
        self.monitored = Monitored(
            owner=self, name=name, events=(_broken_rule(),) if self._settings.aws_config else ()
        )
        self.register_outputs({})

    def _make_bucket(self) -> tuple[aws.s3.Bucket, aws.s3.BucketPolicy]:
        settings = self._settings
        expire = {
            "id": "expire",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "expiration": {"days": settings.audit_retention_days},
        }
        made, _ = private_bucket(
            self._name,
            bucket_name("audit", settings.bucket_suffix),
            [clean_up(settings), expire],  # type: ignore[list-item]  # a rule, as the others
            force_destroy=settings.force_destroy,
            protect=settings.deletion_protection,
            parent=self,
        )
        allowed = bucket_policy(
            self._name, made, self._writing(made) if settings.cloud_trail else (), parent=self
        )
        return made, allowed

    def _writing(self, bucket: aws.s3.Bucket) -> Sequence[Document]:
        """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html."""
        ours = {"aws:SourceArn": self._trail_arn}
        objects = pulumi.Output.format("{0}/AWSLogs/{1}/*", bucket.arn, self._account)
        return (
            service_statement(
                [_TRAIL],
                ["s3:GetBucketAcl"],
                [bucket.arn],
                sid="CheckAcl",
                conditions={"StringEquals": ours},
            ),
            service_statement(
                [_TRAIL],
                ["s3:PutObject"],
                [objects],
                sid="WriteTrail",
                conditions={"StringEquals": {**ours, **_OWNED}},
            ),
        )

    def _trail(self, allowed: aws.s3.BucketPolicy) -> None:
        aws.cloudtrail.Trail(
            self._name,
            name=physical_name("audit"),
            s3_bucket_name=self._bucket.bucket,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )

    def _config(self) -> None:
        role, grants = self._config_role()
        recorder = aws.cfg.Recorder(
            self._name,
            name=physical_name("audit"),
            role_arn=role.arn,
            recording_group={"all_supported": False, "resource_types": list(RECORDED)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=grants),
        )
        # AWS takes a channel only beside a recorder, starts this only beside a channel, and checks rules
        # of what it has recorded; the way down is the way up backwards.
        channel = aws.cfg.DeliveryChannel(
            self._name,
            name=physical_name("audit"),
            s3_bucket_name=self._bucket.bucket,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder]),
        )
        started = aws.cfg.RecorderStatus(
            self._name,
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )
        for name, identifier in RULES.items():
            aws.cfg.Rule(
                f"{self._name}-{name}",
                name=physical_name(name),
                source={"owner": "AWS", "source_identifier": identifier},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[started]),
            )

    def _config_role(self) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """The role by which AWS Config reads resources, which is AWS's own policy, and writes records."""
        role = aws.iam.Role(
            self._name,
            name=physical_name("audit"),
            assume_role_policy=pulumi.Output.json_dumps(
                assume_role("config.amazonaws.com", conditions=from_this_account(self))
            ),
            opts=self._opts,
        )
        reading = aws.iam.RolePolicyAttachment(
            self._name,
            role=role.name,
            policy_arn=pulumi.Output.format(
                "arn:{0}:iam::aws:policy/service-role/AWS_ConfigRole", partition(self)
            ),
            opts=self._opts,
        )
        objects = pulumi.Output.format("{0}/AWSLogs/{1}/Config/*", self._bucket.arn, self._account)
        writing: list[dict[str, Any]] = [
            statement(["s3:GetBucketAcl", "s3:ListBucket"], [self._bucket.arn], sid="FindBucket"),
            statement(["s3:PutObject"], [objects], sid="WriteRecords", conditions={"StringLike": _OWNED}),
        ]
        grant = aws.iam.RolePolicy(
            self._name,
            role=role.name,
            policy=pulumi.Output.json_dumps(policy(*writing)),
            opts=self._opts,
        )
        return role, [reading, grant]


def _broken_rule() -> Event:
    return Event(
        name="rule-broken",
        meaning="a resource of the account breaks a rule of AWS Config; the rule's name says which",
        runbook="rule-broken",
        essential=False,
        pattern={
            "source": ["aws.config"],
            "detail-type": ["Config Rules Compliance Change"],
            "detail": {
                "configRuleName": [physical_name(name) for name in RULES],
                "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]},
            },
        },
    )


def audit(name: str, args: AuditArgs, opts: pulumi.ResourceOptions | None = None) -> tuple[Monitored, ...]:
    """What to watch of CloudTrail and AWS Config; nothing unless the settings ask for one of them."""
    if not args.settings.cloud_trail and not args.settings.aws_config:
        return ()
    return (Audit(name, args, opts).monitored,)
