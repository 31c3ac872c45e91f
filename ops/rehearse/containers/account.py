"""The stack, deployed to a stand-in of AWS that containers can reach, with trips in its data bucket."""

import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.engine import Deployment, EngineError, Resource, run
from ops.local.environment import downloads
from ops.local.errors import LocalRunError
from ops.local.moto.backend import MotoBackend
from ops.local.moto.clients import Clients
from ops.local.services import ROOT, Children

REGION = "us-east-1"
AUTOML = "automl"  # the image whose name follows from the stack, and the component that it is of
# The months that the rehearsal trains and validates on.
MONTHS = ("2023-01", "2023-02")


@dataclass(frozen=True, kw_only=True)
class Months:
    """Trips that are at hand: a file per month, and where they come from (`tlc` or `synthetic`)."""

    files: Mapping[str, str]
    source: str


def fetch_months(children: Children, folder: Path) -> Months:
    """Gets the months from wherever they are.

    Raises:
        LocalRunError: a month is not to be had.
    """
    words = ["workloads.data", "fetch", *MONTHS, "--into", str(folder.resolve()), "--json"]
    answer = json.loads(children.command("data", words, environment=downloads(os.environ)))
    return Months(files=answer["files"], source=answer["source"])


class Account:
    """A deployment of a tier to moto; `address` is where containers find this machine."""

    def __init__(self, children: Children, address: str, tier: str) -> None:
        self._tier = tier
        try:
            self._moto = children.serve(
                f"moto-{tier}",
                "ops.local.moto.server",
                health="/moto-api/",
                environment={"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},  # the tasks' execution role has one
                address=address,
            )
        except OSError as error:
            raise LocalRunError(
                f"{address}, where containers look for this machine: {error}; "
                "the container engine has to run on this machine, which has to be Linux"
            ) from None
        children.wait(self._moto)
        self.clients = Clients(self._moto.url, REGION)

    def deploy(self, images: Mapping[str, str]) -> "Stack":
        """Deploys the unmodified program with images that are there already.

        Raises:
            LocalRunError: the program failed.
        """
        # Without a shell in tasks their root file systems are read-only, which is the stricter of the two.
        config = {
            "tier": self._tier,
            "ecsExec": "false",
            **{f"{name}ImageUri": uri for name, uri in images.items() if name != AUTOML},
            # What is off by default and has a container of its own.
            **({"automl": "true", "serving": "true"} if AUTOML in images else {}),
        }
        backend = MotoBackend(lambda: self._moto.url)
        try:
            deployment = run(ROOT, stack="dev", config=config, preview=False, backend=backend)
        except EngineError as error:
            raise LocalRunError(str(error)) from None
        if deployment.exit_code:
            raise LocalRunError("\n".join(error.message for error in deployment.errors))
        return Stack(deployment, self.clients)

    def layer(self) -> dict[str, str]:
        """The variables that make a container call this account."""
        return self.clients.environment()


class Stack:
    """What a rehearsal looks up in a deployment."""

    def __init__(self, deployment: Deployment, clients: Clients) -> None:
        self.clients = clients
        self.outputs = deployment.outputs
        self._resources = deployment.resources

    @property
    def data_bucket(self) -> str:
        """Where trips, models and backups are."""
        return str(self.outputs["data_storage_bucket"])

    def function_variables(self) -> dict[str, str]:
        """What the predictor is told."""
        found = {each.inputs["name"]: each for each in self.of("aws:lambda/function:Function")}
        function = found[self.outputs["lambda_function_name"]]
        return dict(function.inputs["environment"]["variables"])

    def of(self, kind: str) -> Iterator[Resource]:
        """The resources of a type."""
        return (each for each in self._resources if each.type == kind)

    def put_months(self, months: Months) -> None:
        """Puts trips where training looks first."""
        for month, file in months.files.items():
            self.clients("s3").upload_file(file, self.data_bucket, f"raw/green/{month}.parquet")

    def has_instance(self, name: str) -> bool:
        """Whether the stack has an instance of this purpose."""
        return any(each.name.endswith(f"-{name}") for each in self.of("aws:ec2/instance:Instance"))

    def instance_files(self, name: str = "orchestration") -> dict[str, bytes]:
        """The files that an instance fetches, by path."""
        (packed,) = (
            each
            for each in self.of("aws:s3/bucketObjectv2:BucketObjectv2")
            if f"/{name}." in each.inputs["key"]
        )
        body = self.clients("s3").get_object(Bucket=packed.inputs["bucket"], Key=packed.inputs["key"])["Body"]
        with tarfile.open(fileobj=io.BytesIO(body.read())) as archive:
            return {
                entry.name: file.read()
                for entry in archive
                if (file := archive.extractfile(entry)) is not None
            }

    def user_data(self, name: str = "orchestration") -> str:
        """What an instance is given at its first boot."""
        found = self.of("aws:ec2/instance:Instance")
        return next(str(each.inputs["userData"]) for each in found if each.name.endswith(f"-{name}"))

    def secrets(self) -> dict[str, Any]:
        """Every secret's JSON, or its text where it is none, by its ARN."""
        found = self.of("aws:secretsmanager/secretVersion:SecretVersion")
        texts = {each.inputs["secretId"]: str(each.inputs["secretString"]) for each in found}
        return {arn: json.loads(text) if text.startswith("{") else text for arn, text in texts.items()}

    def environments(self) -> dict[str, dict[str, str]]:
        """The secret variables of each container of the instances, by its name."""
        return {name: values for words in self.secrets().values() for name, values in words.items()}
