"""The buckets: MLflow's artifacts, the platform's data, the monitoring reports, and who read what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.buckets import Rule, bucket_policy, clean_up, private_bucket
from components.common.data_access import DataAccess, NamedArn
from components.common.iam import service_statement
from components.common.names import bucket_name
from components.common.settings import ModelSettings, MonitoringSettings
from components.storage.settings import StorageSettings

# What is read by month and day grows cold; models and pointers stay at hand.
_INFREQUENT_PREFIXES = ("raw/", "processed/")
_ARCHIVE_PREFIXES = ("predictions/", "actuals/", "rejected/", "challenger/")


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What a `Storage` is made from."""

    settings: StorageSettings


class Storage(pulumi.ComponentResource):
    """Four private, encrypted, versioned buckets; the first three log their readers to the fourth.

    ::

        storage = Storage("storage", StorageArgs(settings=StorageSettings(bucket_suffix="acme")))
        pulumi.export("data_storage_bucket", storage.data_bucket.bucket)

    `access_logs_bucket_name` is known once the bucket lets loggers in; what is to log there waits for it.
    """

    artifacts_bucket: aws.s3.Bucket
    data_bucket: aws.s3.Bucket
    reports_bucket: aws.s3.Bucket
    access_logs_bucket: aws.s3.Bucket
    access_logs_bucket_name: pulumi.Output[str]
    outputs: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Storage", name, None, opts)
        self._name = name
        self._settings = args.settings
        self.access_logs_bucket = self._bucket(
            "access-logs", [_expire(self._settings.access_log_days)], holds_data=False
        )
        self.artifacts_bucket = self._bucket("mlflow-artifacts")
        self.data_bucket = self._bucket(
            "data-storage",
            [
                *(
                    _move(prefix, "STANDARD_IA", self._settings.infrequent_access_days)
                    for prefix in _INFREQUENT_PREFIXES
                ),
                *(_move(prefix, "GLACIER_IR", self._settings.archive_days) for prefix in _ARCHIVE_PREFIXES),
            ],
        )
        self.reports_bucket = self._bucket("monitoring-reports")
        logged = {
            "mlflow-artifacts": self.artifacts_bucket,
            "data-storage": self.data_bucket,
            "monitoring-reports": self.reports_bucket,
        }
        delivery = self._log_delivery(list(logged.values()))
        statements = [delivery, self._balancer_logs()]
        allowed = bucket_policy(f"{name}-access-logs", self.access_logs_bucket, statements, parent=self)
        self.access_logs_bucket_name = allowed.bucket
        for purpose, bucket in logged.items():
            bucket_policy(f"{name}-{purpose}", bucket, parent=self)
            self._log(purpose, bucket, allowed)
        self.outputs = {
            "mlflow_artifacts_bucket": self.artifacts_bucket.bucket,
            "data_storage_bucket": self.data_bucket.bucket,
            "monitoring_reports_bucket": self.reports_bucket.bucket,
        }
        self.register_outputs(self.outputs)

    def data_access(
        self,
        stream: aws.kinesis.Stream,
        model: ModelSettings,
        monitoring: MonitoringSettings,
        alert_topic_arn: pulumi.Input[str],
        started_machine_name: str = "",
    ) -> DataAccess:
        """The buckets beside the stream and the model, for whatever works on the platform's data."""
        return DataAccess(
            artifacts_bucket=NamedArn.of(self.artifacts_bucket),
            data_bucket=NamedArn.of(self.data_bucket),
            reports_bucket=NamedArn.of(self.reports_bucket),
            stream=NamedArn.of(stream),
            model=model,
            monitoring=monitoring,
            alert_topic_arn=alert_topic_arn,
            started_machine_name=started_machine_name,
        )

    def _bucket(self, purpose: str, rules: Sequence[Rule] = (), *, holds_data: bool = True) -> aws.s3.Bucket:
        """A bucket; one that holds no data of the platform's own never keeps the stack from being deleted."""
        settings = self._settings
        protect = settings.deletion_protection and holds_data
        rules = [clean_up(settings), *rules]
        made, _ = private_bucket(
            f"{self._name}-{purpose}",
            bucket_name(purpose, settings.bucket_suffix),
            rules,
            force_destroy=settings.force_destroy or not holds_data,
            protect=protect,
            parent=self,
        )
        return made

    def _log(self, purpose: str, bucket: aws.s3.Bucket, allowed: aws.s3.BucketPolicy) -> None:
        aws.s3.BucketLogging(
            f"{self._name}-{purpose}",
            bucket=bucket.bucket,
            target_bucket=self.access_logs_bucket.bucket,
            target_prefix=f"{purpose}/",
            # S3 refuses a target that does not let the logging service in yet.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )

    def _log_delivery(self, sources: Sequence[aws.s3.Bucket]) -> dict[str, Any]:
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        return service_statement(
            ["logging.s3.amazonaws.com"],
            ["s3:PutObject"],
            [pulumi.Output.format("{0}/*", self.access_logs_bucket.arn)],
            sid="DeliverServerAccessLogs",
            conditions={
                "ArnLike": {"aws:SourceArn": [source.arn for source in sources]},
                "StringEquals": {"aws:SourceAccount": account},
            },
        )

    def _balancer_logs(self) -> dict[str, Any]:
        # Allowed in every stack, so that a load balancer that comes or goes changes no bucket.
        account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        return service_statement(
            ["logdelivery.elasticloadbalancing.amazonaws.com"],
            ["s3:PutObject"],
            [pulumi.Output.format("{0}/load-balancer/AWSLogs/{1}/*", self.access_logs_bucket.arn, account)],
            sid="DeliverLoadBalancerLogs",
        )


def _expire(days: int) -> Rule:
    return {"id": "expire", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": days}}


def _move(prefix: str, storage_class: str, days: int) -> Rule:
    return {
        "id": f"cold-{prefix.rstrip('/')}",
        "status": "Enabled",
        "filter": {"prefix": prefix},
        "transitions": [{"days": days, "storage_class": storage_class}],
    }
