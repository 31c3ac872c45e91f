"""`python -m ops`: every command around the program; a command's module is imported when it runs."""

import importlib
from collections.abc import Mapping

import typer

# Command -> where its Typer app is, and what it does; a part of `ops` adds its own line.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "automl": (
        "ops.automl.cli:app",
        "Search parameters, train and score files on a stack, or on this machine.",
    ),
    "config": ("ops.config.cli:app", "List the config keys and what each tier makes of them."),
    "cost": ("ops.costs.cli:app", "Show what a stack costs a month, by resource and by tier."),
    "explain": (
        "ops.stack.explain_cli:app",
        "Go from a prediction back to model version, training run, months and checksums.",
    ),
    "policy": ("ops.policy.cli:app", "Show what each IAM role of a stack may do."),
    "preview": ("ops.engine.cli:app", "Show what a stack would create, creating nothing."),
    "rehearse": (
        "ops.rehearse.cli:app",
        "Run Airflow, MLflow and what they need on this machine, in containers or as processes.",
    ),
    "sandbox": (
        "ops.sandbox.cli:app",
        "Run the whole platform on this machine: deploy, train, stream, report.",
    ),
    "simulate": (
        "ops.simulate.cli:app",
        "Replay real months under four policies of retraining, and compare them.",
    ),
    "stack": (
        "ops.stack.cli:app",
        "Act on a deployed stack: deliver dead letters again, start what is stopped.",
    ),
    "status": (
        "ops.stack.status_cli:app",
        "Show a deployed stack's alarms, newest figures and services.",
    ),
    "workstation": (
        "ops.stack.workstation_cli:app",
        "Start, stop and reach a stack's workstation.",
    ),
}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Preview a stack, run the platform on this machine, act on a deployed stack.",
)


def load(name: str) -> typer.Typer:
    """The Typer app of command `name`, its module imported."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    command: typer.Typer = getattr(importlib.import_module(module), attribute)
    return command


def _register(name: str, summary: str) -> None:
    """Adds a stand-in that hands every argument, `--help` included, to the command itself."""

    @app.command(
        name,
        help=summary,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def call(ctx: typer.Context) -> None:
        load(name)(args=ctx.args, prog_name=f"python -m ops {name}")


for command_name, (_, text) in COMMANDS.items():
    _register(command_name, text)

if __name__ == "__main__":
    app(prog_name="python -m ops")
