"""What must outlive every fault: runs, models, task states, objects, and who may read the secrets' files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ops.rehearse import visit
from ops.rehearse.containers.account import Stack

Record = Mapping[str, Any]


def take(stack: Stack, airflow: visit.Airflow, mlflow: Callable[[], Record], modes: Record) -> dict[str, Any]:
    """Everything by its name; a task that has not ended is left out, for its state may change.

    `modes` says of each file with secrets who may read it.
    """
    found: dict[str, Any] = {f"task {name}": state for name, state in airflow.task_states().items()}
    found |= mlflow()
    pages = stack.clients("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.data_bucket)
    found |= {
        f"object {each['Key']}": each["ETag"]
        for page in pages
        for each in page.get("Contents", ())
        # Backups follow the databases; the log of a task that was ended may be written after it.
        if "/backups/" not in each["Key"] and not each["Key"].startswith("logs/")
    }
    return found | {f"file {name}": mode for name, mode in modes.items()}


def modes(folder: Path) -> dict[str, str]:
    """The modes of the files with secrets in a folder."""
    return {file.name: oct(file.stat().st_mode & 0o7777) for file in sorted(folder.glob("*.env"))}


def lost(before: Record, after: Record) -> list[str]:
    """What is not there any more, or not as it was; what has come since is no loss."""
    return [
        f"{name}: was {value!r}, is {after.get(name, 'not there')!r}"
        for name, value in before.items()
        if after.get(name) != value
    ]
