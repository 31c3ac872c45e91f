"""The secrets of the services in Secrets Manager, which ECS hands to the tasks by reference."""

from dataclasses import dataclass

import pulumi

from components.orchestration.fargate.database import Database
from components.orchestration.secrets import Secrets


@dataclass(frozen=True, kw_only=True)
class SecretArns:
    """The ARNs of the secrets, a JSON object of values for each service, and MLflow's password itself."""

    airflow: pulumi.Output[str]
    mlflow: pulumi.Output[str]
    admin: pulumi.Output[str]
    mlflow_password: pulumi.Output[str]


def make_secrets(name: str, database: Database, *, protect: bool, parent: pulumi.Resource) -> SecretArns:
    """Makes every secret of the variant; with `protect` a deleted one can be recovered for 30 days."""
    secrets = Secrets(name, variant="fargate", recovery_days=30 if protect else 0, parent=parent)
    airflow, mlflow = secrets.password("airflow-database"), secrets.password("mlflow-database")
    mlflow_admin = secrets.password("mlflow-admin")
    return SecretArns(
        mlflow_password=mlflow_admin,
        admin=secrets.store(
            "admin",
            {
                "admin_password": secrets.password("admin-gui"),
                "session_key": secrets.password("admin-gui-session"),
                "viewer_password": secrets.password("admin-gui-viewer"),
            },
        ),
        airflow=secrets.store(
            "airflow",
            {
                "admin_password": secrets.password("airflow-admin"),
                "database_password": airflow,
                "database_url": database.url("airflow", airflow),
                "database_url_async": database.async_url("airflow", airflow),
                "fernet_key": secrets.fernet_key("airflow-fernet"),
                "jwt_secret": secrets.password("airflow-jwt"),
                "session_secret": secrets.password("airflow-session"),
            },
        ),
        mlflow=secrets.store(
            "mlflow",
            {
                "admin_password": mlflow_admin,
                "database_password": mlflow,
                "database_url": database.url("mlflow", mlflow),
                "session_secret": secrets.password("mlflow-session"),
            },
        ),
    )
