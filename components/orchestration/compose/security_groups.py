"""Who may reach the instances: allow-listed ranges and the frontend; what no rule allows is refused."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.common.security_groups import Groups
from components.orchestration.compose.settings import STATUS_PORT, ComposeSettings
from components.orchestration.containers import AIRFLOW_PORT, MLFLOW_PORT

_SSH_PORT = 22


class ComposeGroups:
    """A group for each instance; `frontend` is None where there is none."""

    def __init__(
        self, name: str, args: ComposeSettings, vpc_id: pulumi.Input[str], *, parent: pulumi.Resource
    ) -> None:
        self._groups = Groups(name, vpc_id, parent=parent)
        ssh = [_SSH_PORT] if args.ssh_public_key else []
        people = [STATUS_PORT, *ssh]
        admin = args.admin_gui_port
        ports = [AIRFLOW_PORT, MLFLOW_PORT, *people, *([] if args.frontend_instance else [admin])]
        self.orchestration = self._group("orchestration", ports, args.ingress_cidrs)
        self.frontend: aws.ec2.SecurityGroup | None = None
        if args.frontend_instance:
            self.frontend = self._group("frontend", [admin, *people], args.ingress_cidrs)
            for port in (AIRFLOW_PORT, MLFLOW_PORT):
                self._groups.allow(f"frontend-{port}", self.frontend, self.orchestration, port)

    def _group(self, purpose: str, ports: Sequence[int], cidrs: Sequence[str]) -> aws.ec2.SecurityGroup:
        group = self._groups.group(purpose, f"The {purpose} instance")
        for port in ports:
            for index, cidr in enumerate(cidrs):
                self._groups.admit(f"{purpose}-{port}-{index}", group, port, cidr)
        self._groups.allow_https(f"{purpose}-https", group)
        return group
