"""The secrets of the containers: one in Secrets Manager, which the instance fetches at every start."""

import pulumi

from components.orchestration.compose.compose_file import Passwords, secret_environments
from components.orchestration.secrets import Secrets


def make_secret(
    name: str, *, protect: bool, parent: pulumi.Resource
) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """The secret's ARN, and MLflow's password; with `protect` a deleted one can be recovered for 30 days."""
    secrets = Secrets(name, variant="compose", recovery_days=30 if protect else 0, parent=parent)
    passwords = {
        "postgres": secrets.password("postgres"),
        "airflow_admin": secrets.password("airflow-admin"),
        "airflow_database": secrets.password("airflow-database"),
        "airflow_fernet_key": secrets.fernet_key("airflow-fernet"),
        "airflow_jwt": secrets.password("airflow-jwt"),
        "airflow_session": secrets.password("airflow-session"),
        "mlflow_admin": secrets.password("mlflow-admin"),
        "mlflow_database": secrets.password("mlflow-database"),
        "mlflow_session": secrets.password("mlflow-session"),
    }
    environments = pulumi.Output.all(**passwords).apply(lambda known: secret_environments(Passwords(**known)))
    return secrets.store("orchestration", environments), passwords["mlflow_admin"]
