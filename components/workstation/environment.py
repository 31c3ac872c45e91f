"""What notebooks and jobs are run with: the code, the secret, and the buckets that they work on."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.common.iam import Document
from components.common.instance_types import is_gpu
from components.common.mlflow_access import USERNAME
from components.common.names import physical_name
from components.workstation import roles
from components.workstation.args import WorkstationArgs
from components.workstation.buckets import WorkstationBuckets
from components.workstation.code import pack
from components.workstation.machine import PURPOSE
from components.workstation.settings import WorkstationSettings

_CODE_KEY = "platform/workstation-code.tar.gz"


class Environment:
    """`variables` are what the scripts are told; `statements` let a role use it all; `region` is where."""

    variables: pulumi.Output[dict[str, str]]
    region: pulumi.Output[str]

    def __init__(
        self, name: str, args: WorkstationArgs, buckets: WorkstationBuckets, *, parent: pulumi.Resource
    ) -> None:
        self._name = name
        self._args = args
        self._buckets = buckets
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=parent)).region
        self._secret_arn = self._secret()
        self.variables = self._variables()

    def statements(self) -> list[Document]:
        """Reading the code, the secret and the platform's data; writing to the workstation's own buckets."""
        bucket = self._args.data_bucket
        return [
            roles.code(pulumi.Output.format("{0}/{1}", bucket.arn, _CODE_KEY)),
            roles.secret(self._secret_arn),
            *roles.platform_data(bucket),
            *self._buckets.statements(),
        ]

    def _secret(self) -> pulumi.Output[str]:
        """JupyterLab's token, and MLflow's password; their ARN is known once they are there."""
        token = random.RandomPassword(f"{self._name}-token", length=48, special=False, opts=self._opts)
        secret = aws.secretsmanager.Secret(
            self._name,
            name=physical_name(PURPOSE),
            description="JupyterLab's token on the workstation, and MLflow's password for its notebooks",
            recovery_window_in_days=0,  # both are made again, or are elsewhere too
            opts=self._opts,
        )
        version = aws.secretsmanager.SecretVersion(
            self._name,
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(
                {"jupyter_token": token.result, "mlflow_password": self._args.mlflow.password}
            ),
            opts=self._opts,
        )
        return version.secret_arn

    def _variables(self) -> Any:
        args, code = self._args, pack()
        shipped = aws.s3.BucketObjectv2(
            f"{self._name}-code",
            bucket=args.data_bucket.name,
            key=_CODE_KEY,
            source=pulumi.FileAsset(str(code.path)),
            content_type="application/gzip",
            opts=self._opts,
        )
        models = self._buckets.made["models"].bucket
        return pulumi.Output.all(
            AWS_DEFAULT_REGION=self.region,
            CHECKPOINT=pulumi.Output.format("s3://{0}/experiments/workstation", models),
            CODE_KEY=_CODE_KEY,
            CODE_SHA256=code.sha256,
            CODE_VERSION=shipped.version_id,
            DATASETS_BUCKET=self._buckets.made["datasets"].bucket,
            DATA_BUCKET=args.data_bucket.name,
            FILES_BUCKET=args.data_bucket.name,
            MLFLOW_TRACKING_URI=args.mlflow.tracking_uri,
            MLFLOW_TRACKING_USERNAME=USERNAME,
            MODELS_BUCKET=models,
            MODEL_ALIAS=args.model.model_alias,
            MODEL_NAME=args.model.model_name,
            SECRET_ID=self._secret_arn,
        )


def locks(settings: WorkstationSettings, instance_type: str) -> tuple[str, ...]:
    """The folders of the locks that make the environment; TensorFlow brings CUDA where there is a GPU."""
    chosen = settings.workstation_environment
    if chosen == "cpu":
        return ("cpu",)
    # PyTorch's one build on the package index runs with a GPU and without.
    cuda = chosen == "tensorflow" and is_gpu(instance_type)
    return ("cpu", f"{chosen}-cuda" if cuda else chosen)
