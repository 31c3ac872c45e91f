"""The URNs of every tier, in `urns.json`: a resource under another URN is another resource to Pulumi.

Pulumi deletes what it finds under the old URN and creates what it finds under the new one, so a renamed
component or resource loses a person's data unless it has an alias. Write the file again only for a
resource that is meant to come or go:

    .venv/bin/python -m tests.integration.urns
"""

import json
import sys
from pathlib import Path

from components.config.tiers import TIERS
from ops.engine import Deployment, run

FILE = Path(__file__).with_name("urns.json")
PROGRAM = Path(__file__).parents[2]


def recorded() -> dict[str, list[str]]:
    """Tier to its URNs, sorted, each without the stack and the project."""
    found: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def urns(deployment: Deployment) -> list[str]:
    """The URNs of a deployment in the form of the file."""
    prefix = f"urn:pulumi:{deployment.stack}::{deployment.project}::"
    names = (resource.urn.removeprefix(prefix) for resource in deployment.resources)
    return sorted(name.replace(f"-{deployment.stack}", "-<stack>") for name in names)


def main() -> None:
    """Writes the file from the program as it is, if it runs on every tier."""
    deployments = {tier: run(PROGRAM, stack="dev", config={"tier": tier}) for tier in TIERS}
    for tier, deployment in deployments.items():
        if deployment.exit_code:
            sys.exit("\n".join([f"tier {tier}:", *(error.message for error in deployment.errors)]))
    tiers = {tier: urns(deployment) for tier, deployment in deployments.items()}
    FILE.write_text(json.dumps(tiers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
