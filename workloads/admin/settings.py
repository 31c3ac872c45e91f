"""What the admin GUI is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workloads.training.registered import DEFAULT_ALIAS, DEFAULT_NAME

MIN_SECRET = 16  # characters
_YES = {"true": True, "false": False, "": False}


class SettingError(Exception):
    """A variable is missing, or has a value that is not allowed."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that the admin GUI needs to know; what is optional is empty, and its page says so.

    Args:
        admin_password: ADMIN_PASSWORD, of `admin`, who may use every button.
        viewer_password: ADMIN_VIEWER_PASSWORD, of `viewer`, who may look; empty for no such user.
        session_key: ADMIN_SESSION_KEY, which signs the sessions.
        port: ADMIN_PORT, 5000.
        behind_proxy: ADMIN_BEHIND_PROXY, `true` where a load balancer sets X-Forwarded-For and -Proto.
        oidc_load_balancer_arn: ADMIN_OIDC_LOAD_BALANCER_ARN, whose signed x-amzn-oidc-data is trusted.
        oidc_admins: ADMIN_OIDC_ADMINS, the e-mail addresses with the role admin, with commas between them.
        allow_synthetic: ADMIN_ALLOW_SYNTHETIC, `true` where the simulator may send made-up trips.
        region: AWS_REGION or AWS_DEFAULT_REGION.
        data_bucket: DATA_BUCKET.
        reports_bucket: REPORTS_BUCKET.
        stream_name: KINESIS_STREAM_NAME.
        function_name: PREDICTOR_FUNCTION_NAME.
        event_source_mapping: EVENT_SOURCE_MAPPING_UUID, optional.
        dead_letter_queue_url: DEAD_LETTER_QUEUE_URL.
        model_name: MODEL_NAME.
        model_alias: MODEL_ALIAS.
        challenger_alias: CHALLENGER_ALIAS, optional.
        mlflow_uri: MLFLOW_TRACKING_URI, by which this process reaches MLflow.
        mlflow_username: MLFLOW_TRACKING_USERNAME, optional.
        mlflow_password: MLFLOW_TRACKING_PASSWORD, optional.
        mlflow_public_url: MLFLOW_PUBLIC_URL, for links in a browser; MLFLOW_TRACKING_URI without it.
        airflow_url: AIRFLOW_URL, optional: the sandbox has no Airflow.
        airflow_username: AIRFLOW_USERNAME, `admin`.
        airflow_password: AIRFLOW_PASSWORD.
        airflow_public_url: AIRFLOW_PUBLIC_URL, for links; AIRFLOW_URL without it.
        state_machine_arn: STATE_MACHINE_ARN of AutoML, optional.
    """

    admin_password: str
    session_key: str
    data_bucket: str
    reports_bucket: str
    stream_name: str
    function_name: str
    dead_letter_queue_url: str
    mlflow_uri: str
    region: str
    viewer_password: str = ""
    port: int = 5000
    behind_proxy: bool = False
    oidc_load_balancer_arn: str = ""
    oidc_admins: frozenset[str] = frozenset()
    allow_synthetic: bool = False
    event_source_mapping: str = ""
    model_name: str = DEFAULT_NAME
    model_alias: str = DEFAULT_ALIAS
    challenger_alias: str = ""
    mlflow_username: str = ""
    mlflow_password: str = ""
    mlflow_public_url: str = ""
    airflow_url: str = ""
    airflow_username: str = "admin"
    airflow_password: str = ""
    airflow_public_url: str = ""
    state_machine_arn: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings that an environment holds.

        Raises:
            SettingError: every variable that is missing or not allowed, in one message.
        """
        problems: list[str] = []
        texts = {name: environ.get(variable, "") for name, variable in _VARIABLES.items()}
        texts["region"] = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION", "")
        problems += [
            f"{_VARIABLES.get(name, 'AWS_REGION')}: is empty; set it as docs/admin.md says"
            for name in _REQUIRED
            if not texts[name]
        ]
        problems += [
            f"{_VARIABLES[name]}: has {len(texts[name])} characters, allowed: {MIN_SECRET} at least"
            for name in ("admin_password", "viewer_password", "session_key")
            if 0 < len(texts[name]) < MIN_SECRET
        ]
        if texts["viewer_password"] and texts["viewer_password"] == texts["admin_password"]:
            problems.append("ADMIN_VIEWER_PASSWORD: is the same as ADMIN_PASSWORD; choose another one")
        port = _port(environ, problems)
        flags: dict[str, Any] = {
            name: _flag(environ, variable, problems) for name, variable in _FLAGS.items()
        }
        if problems:
            raise SettingError("\n".join(problems))
        admins = environ.get("ADMIN_OIDC_ADMINS", "").lower().split(",")
        given: dict[str, Any] = {name: text for name, text in texts.items() if text}
        people = frozenset(filter(None, map(str.strip, admins)))
        return cls(**given, **flags, port=port, oidc_admins=people)

    @property
    def mlflow_link(self) -> str:
        """MLflow's address in a browser."""
        return (self.mlflow_public_url or self.mlflow_uri).rstrip("/")

    @property
    def airflow_link(self) -> str:
        """Airflow's address in a browser; empty without an Airflow."""
        return (self.airflow_public_url or self.airflow_url).rstrip("/")


_VARIABLES = {
    "admin_password": "ADMIN_PASSWORD",
    "viewer_password": "ADMIN_VIEWER_PASSWORD",
    "session_key": "ADMIN_SESSION_KEY",
    "oidc_load_balancer_arn": "ADMIN_OIDC_LOAD_BALANCER_ARN",
    "data_bucket": "DATA_BUCKET",
    "reports_bucket": "REPORTS_BUCKET",
    "stream_name": "KINESIS_STREAM_NAME",
    "function_name": "PREDICTOR_FUNCTION_NAME",
    "event_source_mapping": "EVENT_SOURCE_MAPPING_UUID",
    "dead_letter_queue_url": "DEAD_LETTER_QUEUE_URL",
    "model_name": "MODEL_NAME",
    "model_alias": "MODEL_ALIAS",
    "challenger_alias": "CHALLENGER_ALIAS",
    "mlflow_uri": "MLFLOW_TRACKING_URI",
    "mlflow_username": "MLFLOW_TRACKING_USERNAME",
    "mlflow_password": "MLFLOW_TRACKING_PASSWORD",
    "mlflow_public_url": "MLFLOW_PUBLIC_URL",
    "airflow_url": "AIRFLOW_URL",
    "airflow_username": "AIRFLOW_USERNAME",
    "airflow_password": "AIRFLOW_PASSWORD",
    "airflow_public_url": "AIRFLOW_PUBLIC_URL",
    "state_machine_arn": "STATE_MACHINE_ARN",
}
_FLAGS = {"behind_proxy": "ADMIN_BEHIND_PROXY", "allow_synthetic": "ADMIN_ALLOW_SYNTHETIC"}
_REQUIRED = (
    "admin_password",
    "session_key",
    "region",
    "data_bucket",
    "reports_bucket",
    "stream_name",
    "function_name",
    "dead_letter_queue_url",
    "mlflow_uri",
)


def _flag(environ: Mapping[str, str], variable: str, problems: list[str]) -> bool:
    text = environ.get(variable, "").lower()
    if text not in _YES:
        problems.append(f"{variable}: got {text!r}, allowed: true or false")
    return _YES.get(text, False)


def _port(environ: Mapping[str, str], problems: list[str]) -> int:
    text = environ.get("ADMIN_PORT", "5000")
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    problems.append(f"ADMIN_PORT: got {text!r}, allowed: 1 to 65535")
    return 0
