"""The secrets of the containers in Secrets Manager, which each instance fetches at every start."""

from dataclasses import dataclass

import pulumi

from components.orchestration.compose.compose_file import Passwords, admin_environment, secret_environments
from components.orchestration.secrets import Secrets


@dataclass(frozen=True, kw_only=True)
class ComposeSecrets:
    """ARNs: of what the orchestration instance reads, and of what whichever has the admin GUI does.

    The frontend instance has a secret of its own: the databases' passwords are none of its business.
    """

    orchestration: pulumi.Output[str]
    admin: pulumi.Output[str]
    mlflow_password: pulumi.Output[str]


def make_secrets(name: str, *, frontend: bool, protect: bool, parent: pulumi.Resource) -> ComposeSecrets:
    """Makes the secrets; with `protect` a deleted one can be recovered for 30 days."""
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
        "admin_gui": secrets.password("admin-gui"),
        "admin_gui_viewer": secrets.password("admin-gui-viewer"),
        "admin_gui_session": secrets.password("admin-gui-session"),
    }
    known = pulumi.Output.all(**passwords).apply(lambda values: Passwords(**values))
    admin = known.apply(admin_environment)
    databases = known.apply(secret_environments)
    if frontend:
        orchestration = secrets.store("orchestration", databases)
        gui = secrets.store("frontend", admin)
    else:
        orchestration = secrets.store(
            "orchestration", pulumi.Output.all(databases, admin).apply(lambda both: {**both[0], **both[1]})
        )
        gui = orchestration
    return ComposeSecrets(orchestration=orchestration, admin=gui, mlflow_password=passwords["mlflow_admin"])
