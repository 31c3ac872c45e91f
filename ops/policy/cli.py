"""`python -m ops policy STACK`: what each IAM role of a stack may do, without an account."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ops.engine import Deployment, EngineError, run
from ops.policy.roles import markdown, roles

PROGRAM = Path(__file__).resolve().parents[2]
PAGE = PROGRAM / "docs" / "policies.md"
# One tier of each way to run Airflow and MLflow; the others differ in sizes.
TIERS = ("learning", "production")
_HEAD = """# What each role may do

The inline policies of every IAM role, as the program renders them for the stack `dev` in the account
123456789012; identifiers that AWS gives are invented. `python -m ops policy STACK` prints those of a stack of
yours. This page is made by `make docs`.
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def policy(
    stack: Annotated[str, typer.Argument(help="A stack with a Pulumi.<stack>.yaml.")] = "dev",
    tier: Annotated[str | None, typer.Option(help="Its cost tier, instead of the stack's own.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the roles as JSON.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write docs/policies.md.")] = False,
) -> None:
    """Show what each IAM role may do; the exit code is 2 for a wrong config, 1 when the program fails."""
    try:
        if write:
            PAGE.write_text(page({each: _deploy("dev", each) for each in TIERS}))
            return
        found = roles(_deploy(stack, tier))
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    print(json.dumps([asdict(role) for role in found]) if as_json else markdown(found))


def page(deployments: dict[str, Deployment]) -> str:
    """docs/policies.md from a deployment of each tier."""
    sections = [f"\n## Tier {tier}\n{markdown(roles(found))}" for tier, found in deployments.items()]
    return _HEAD + "".join(sections)


def _deploy(stack: str, tier: str | None) -> Deployment:
    deployment = run(PROGRAM, stack=stack, config={"tier": tier} if tier else {}, preview=False)
    if deployment.exit_code:
        for error in deployment.errors:
            print(f"error: {error.message}", file=sys.stderr)
        raise typer.Exit(deployment.exit_code)
    return deployment
