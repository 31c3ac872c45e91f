"""What a sandbox has when its pages open, and how a workload finds it."""

import os
from dataclasses import dataclass

from ops.engine import Deployment
from ops.local.environment import downloads
from ops.local.moto.clients import Clients
from ops.local.services import Children
from ops.sandbox.deployed import DataPath
from ops.sandbox.options import Options
from ops.sandbox.workloads import QUIET, Months


@dataclass(frozen=True, kw_only=True)
class Place:
    """The stack in moto, the months, and the addresses of the servers."""

    children: Children
    options: Options
    deployment: Deployment
    path: DataPath
    clients: Clients
    months: Months
    mlflow: str
    moto: str

    @property
    def folder(self) -> str:
        """The folder of the months' files."""
        return str(self.months.files[self.options.train].parent.resolve())

    def environment(self) -> dict[str, str]:
        """The variables by which a workload finds the stack's data, as on the stack itself."""
        function = self.path.function.variables
        return {
            **downloads(os.environ),
            **QUIET,
            **self.clients.environment(),
            **{name: function.get(name, "") for name in ("MODEL_NAME", "MODEL_ALIAS", "CHALLENGER_ALIAS")},
            "DATA_BUCKET": self.path.bucket,
            "KINESIS_STREAM_NAME": self.path.stream,
            "MLFLOW_TRACKING_URI": self.mlflow,
            "MLOPS_DATA_DIR": self.folder,
            "REPORTS_BUCKET": str(self.deployment.outputs["monitoring_reports_bucket"]),
        }

    def synthetic(self) -> list[str]:
        """The option by which a command takes made-up trips, where there are no others."""
        return ["--allow-synthetic"] if self.months.source == "synthetic" else []
