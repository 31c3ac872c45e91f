"""Which registered model a training makes versions of, and the aliases that the predictor follows."""

import re
from dataclasses import dataclass

from workloads.training.errors import SettingError

# For local use alone: a stack's containers and its function get MODEL_NAME, MODEL_ALIAS and CHALLENGER_ALIAS.
DEFAULT_NAME = "ride_duration_prediction_model"
DEFAULT_ALIAS = "champion"
AUDIT_EXPERIMENT = "ride-duration-decisions"  # in MLflow, with a run for every move of an alias

# A name becomes a part of S3 keys and of an IAM resource, an alias a part of S3 keys and of MLflow's URLs.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_ALIAS = re.compile(r"(?!(?i:latest|v[0-9]+)$)[A-Za-z0-9_-]{1,255}")  # MLflow reserves latest and v1, v2, ...


@dataclass(frozen=True, kw_only=True)
class RegisteredModel:
    """A model in MLflow's registry.

    Args:
        name: Its name there and in the data bucket's `models/<name>/`.
        alias: The alias of the current model, whose predictions are the answer.
        challenger_alias: The alias of a version that is scored beside the current model; empty for none.

    Raises:
        SettingError: a name or an alias that MLflow or S3 keys do not allow.
    """

    name: str = DEFAULT_NAME
    alias: str = DEFAULT_ALIAS
    challenger_alias: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise SettingError(
                f"MODEL_NAME, --model-name: got {self.name!r}, allowed: letters, digits, _, . and -, "
                "128 at most, the first a letter or digit"
            )
        _check_alias("MODEL_ALIAS, --model-alias", self.alias)
        if self.challenger_alias:
            _check_alias("CHALLENGER_ALIAS, --challenger-alias", self.challenger_alias)
        if self.challenger_alias == self.alias:
            raise SettingError(
                f"CHALLENGER_ALIAS, --challenger-alias: got {self.challenger_alias!r}, which is the current "
                "model's alias too; choose another one"
            )

    def target_alias(self, *, as_challenger: bool) -> str:
        """The alias that a new version may get.

        Raises:
            SettingError: a challenger is asked for, and no alias is set for it.
        """
        if not as_challenger:
            return self.alias
        if not self.challenger_alias:
            raise SettingError(
                "--as-challenger: no alias is set for a challenger; set CHALLENGER_ALIAS or "
                "--challenger-alias to the stack's config key challengerAlias, such as challenger"
            )
        return self.challenger_alias


def _check_alias(setting: str, alias: str) -> None:
    if not _ALIAS.fullmatch(alias):
        raise SettingError(
            f"{setting}: got {alias!r}, allowed: letters, digits, _ and -, 255 at most, "
            "other than latest and v1, v2, ..."
        )
