"""What a stack's AutoML is made of, as its output `automl` says."""

import json
import subprocess
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ops.local.errors import LocalRunError

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The output `automl` of a stack; `state_machine` is empty where there is none."""

    cluster: str
    subnets: list[str]
    security_group: str
    public_address: bool
    capacity_provider: str
    task_definitions: dict[str, str]
    repositories: dict[str, str]
    image_tag: str
    architecture: str
    log_groups: dict[str, str]
    data_bucket: str
    state_machine: str

    @classmethod
    def of(cls, document: Any) -> "Deployed":
        """Reads the output.

        Raises:
            LocalRunError: the stack has none.
        """
        if not isinstance(document, dict) or not {one.name for one in fields(cls)} <= document.keys():
            raise LocalRunError(
                "the stack has no output automl; run `pulumi config set automl true` and `pulumi up`"
            )
        return cls(**{one.name: document[one.name] for one in fields(cls)})


def deployed(stack: str) -> Deployed:
    """The output of a stack, which the Pulumi CLI is asked for.

    Raises:
        LocalRunError: there is no CLI, no such stack, or no such output.
    """
    command = ["pulumi", "stack", "output", "--json", "--stack", stack]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise LocalRunError(
            "pulumi is not on PATH; install the Pulumi CLI, or run here with --local"
        ) from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or "").strip().splitlines()[-1:] or ["no reason given"]
        raise LocalRunError(f"pulumi stack output --stack {stack}: {reason[0]}") from None
    return Deployed.of(json.loads(done.stdout).get("automl"))
