"""Who may talk to whom: the load balancer to the services, the services to database, files and each other."""

import pulumi

from components.common.security_groups import Groups
from components.common.shared_files import NFS_PORT
from components.orchestration.containers import ADMIN_PORT, AIRFLOW_PORT, MLFLOW_PORT
from components.orchestration.fargate.settings.load_balancer import LoadBalancerSettings

POSTGRES_PORT = 5432


class SecurityGroups:
    """The groups of the load balancer, the services, the database and the file system."""

    def __init__(
        self,
        name: str,
        vpc_id: pulumi.Input[str],
        settings: LoadBalancerSettings,
        *,
        parent: pulumi.Resource,
    ) -> None:
        groups = Groups(name, vpc_id, parent=parent)
        self.balancer = groups.group("balancer", "Load balancer of Airflow and MLflow")
        self.services = groups.group("services", "ECS tasks of Airflow and MLflow")
        self.database = groups.group("database", "PostgreSQL of Airflow and MLflow")
        self.files = groups.group("files", "Files that the ECS tasks share")
        # Without a domain the admin GUI has a port of the load balancer instead of a host name.
        for port in (80, 443, *(() if settings.domain_name else (ADMIN_PORT,))):
            for index, cidr in enumerate(settings.alb_ingress_cidrs):
                groups.admit(f"balancer-{port}-{index}", self.balancer, port, cidr)
        # The admin GUI listens on MLflow's port, on tasks of its own in the same group.
        for service, port in (("airflow", AIRFLOW_PORT), ("mlflow", MLFLOW_PORT)):
            groups.allow(f"balancer-{service}", self.balancer, self.services, port)
            # Airflow's workers report to its API and training to MLflow, not by way of the internet.
            groups.allow(f"services-{service}", self.services, self.services, port)
        groups.allow("services-database", self.services, self.database, POSTGRES_PORT)
        groups.allow("services-files", self.services, self.files, NFS_PORT)
        groups.allow_https("services-https", self.services)
        if settings.oidc_issuer:  # whose token and user info endpoints the load balancer asks
            groups.allow_https("balancer-https", self.balancer)
