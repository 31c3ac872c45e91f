"""What a person, or a program, sees of a preview."""

import json
import sys
from collections import Counter, defaultdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from ops.engine.changes import OPERATIONS, Change, counted, shown_inputs
from ops.engine.graph import STACK_TYPE
from ops.engine.model import SECRET_MASK, UNKNOWN_MASK, Deployment, Resource, masked

_BUDGET = "aws:budgets/budget:Budget"
_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim", "debug": "dim"}


def as_dict(deployment: Deployment) -> dict[str, Any]:
    """The preview as JSON types, with secrets and unknowns masked."""
    return {
        "stack": deployment.stack,
        "tier": deployment.tier,
        "seconds": round(deployment.seconds, 3),
        "resources": [
            {
                "urn": resource.urn,
                "type": resource.type,
                "name": resource.name,
                "parent": resource.parent,
                "dependencies": sorted(resource.dependencies),
                "inputs": shown_inputs(resource),
            }
            for resource in deployment.resources
        ],
        "outputs": masked(deployment.outputs, deployment.secret_outputs),
    }


def print_json(deployment: Deployment) -> None:
    """Writes `as_dict` to standard output."""
    json.dump(as_dict(deployment), sys.stdout, indent=2)
    sys.stdout.write("\n")


def show_diagnostics(deployment: Deployment) -> None:
    """Writes what the program and the engine had to say to standard error."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for diagnostic in deployment.diagnostics:
        about = f"{diagnostic.urn}\n  " if diagnostic.urn else ""
        text = diagnostic.message.replace("\n", "\n  ")
        console.print(
            f"{diagnostic.severity}: {about}{text}", style=_STYLES[diagnostic.severity], markup=False
        )


def print_tree(deployment: Deployment) -> None:
    """Draws the resources below their parents, counts them by type, and lists the outputs."""
    console = Console(highlight=False)
    children: dict[str | None, list[Resource]] = defaultdict(list)
    for resource in deployment.resources:
        children[resource.parent].append(resource)
    for root in children[None]:
        tree = Tree(f"[bold]{escape(root.name)}[/bold]  [dim]tier {escape(deployment.tier or '-')}[/dim]")
        _grow(tree, root.urn, children)
        console.print(tree)
    console.print(_counts(deployment))
    console.print(_outputs(deployment))
    made = sum(resource.custom for resource in deployment.resources)
    console.print(f"{made} resources to create, in {deployment.seconds:.1f} s; nothing was created")
    for resource in deployment.resources:
        if resource.type == _BUDGET:
            limit = resource.inputs["limitAmount"]
            console.print(f"budget: {limit} USD a month; `python -m ops cost {deployment.stack}` compares")


def print_changes_json(found: list[Change]) -> None:
    """Writes the changes to standard output, by operation: URN to the properties that differ."""
    shown = {
        operation: {one.urn: list(one.properties) for one in found if one.operation == operation}
        for operation in OPERATIONS
    }
    json.dump(shown, sys.stdout, indent=2)
    sys.stdout.write("\n")


def print_changes(found: list[Change]) -> None:
    """Lists the changes in the order of their danger, with what differs, and counts them."""
    console = Console(highlight=False)
    table = Table("", "resource", "type", "what differs", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for operation in reversed(OPERATIONS):
        for one in sorted((one for one in found if one.operation == operation), key=lambda one: one.urn):
            name = escape(one.urn.rpartition("::")[2])
            table.add_row(operation, name, escape(_short(one.type)), ", ".join(one.properties))
    console.print(table)
    counts = counted(found)
    console.print(", ".join(f"{counts[operation]} to {operation}" for operation in OPERATIONS))


def _grow(tree: Tree, parent: str, children: dict[str | None, list[Resource]]) -> None:
    for resource in sorted(children[parent], key=lambda resource: (resource.type, resource.name)):
        lock = "  [yellow]protected[/yellow]" if resource.protect else ""
        label = f"{escape(resource.name)}  [dim]{escape(_short(resource.type))}[/dim]{lock}"
        _grow(tree.add(label), resource.urn, children)


def _short(token: str) -> str:
    """`aws:s3/bucket:Bucket` as people write it: `aws.s3.Bucket`."""
    package, module, name = token.split(":")
    return ".".join((package, module.partition("/")[0], name))


def _counts(deployment: Deployment) -> Table:
    table = Table("type", "resources", box=None, header_style="bold", padding=(0, 2, 0, 0))
    counts = Counter(
        _short(resource.type) for resource in deployment.resources if resource.type != STACK_TYPE
    )
    for type_, count in sorted(counts.items()):
        table.add_row(escape(type_), str(count))
    return table


def _outputs(deployment: Deployment) -> Table:
    table = Table("output", "value", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for name, value in masked(deployment.outputs, deployment.secret_outputs).items():
        text = value if isinstance(value, str) else json.dumps(value)
        style = "dim" if text in (SECRET_MASK, UNKNOWN_MASK) else ""
        table.add_row(escape(name), f"[{style}]{escape(text)}[/]" if style else escape(text))
    return table
