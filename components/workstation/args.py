"""What the workstation is given."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.common.data_access import NamedArn
from components.common.mlflow_access import MlflowAccess
from components.common.placement import Placement
from components.common.settings import ModelSettings
from components.workstation.settings import WorkstationSettings


@dataclass(frozen=True, kw_only=True)
class WorkstationArgs:
    """The settings, where to stand, and the platform's data, model and MLflow."""

    settings: WorkstationSettings
    placement: Placement
    data_bucket: NamedArn
    model: ModelSettings
    mlflow: MlflowAccess
    internet_routes: Sequence[pulumi.Resource] = ()
