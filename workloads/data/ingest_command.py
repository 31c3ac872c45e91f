"""The commands `ingest` and `setup`."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workloads.data.ingest import Ingested

Data = Annotated[Path | None, typer.Option(help="A folder with TLC's files; without it, see `fetch --help`.")]
DataBucket = Annotated[str, typer.Option(envvar="DATA_BUCKET", help="The stack's data bucket.")]
DatasetName = Annotated[str, typer.Option("--dataset", envvar="DATASET", help="green or yellow.")]
AllowSynthetic = Annotated[
    bool, typer.Option("--allow-synthetic", help="Generate trips where none can be had.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print a record a line, as JSON.")]
# What the README's training and stream take.
FIRST_MONTHS = ("2023-01", "2023-02", "2023-03")


def ingest(
    months: Annotated[list[str], typer.Argument(help="Months as YYYY-MM.")],
    data_bucket: DataBucket,
    data: Data = None,
    dataset: DatasetName = "green",
    allow_synthetic: AllowSynthetic = False,
    as_json: AsJson = False,
) -> None:
    """Take months into the data bucket: raw/, the rides in processed/, the rejected trips in quarantine/.

    A file that cannot be used goes to quarantine/ as a whole. Taking a month in again replaces what is there.
    """
    from workloads.data.months import DataError

    try:
        for month in months:
            record = _one(month, data_bucket, data, dataset, allow_synthetic=allow_synthetic)
            print(json.dumps(record.document()) if as_json else _words(record), flush=True)
    except DataError as error:
        print(f"data: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


def setup(
    data_bucket: DataBucket,
    months: Annotated[list[str] | None, typer.Argument(help="Months as YYYY-MM.")] = None,
    data: Data = None,
    dataset: DatasetName = "green",
    allow_synthetic: AllowSynthetic = False,
    as_json: AsJson = False,
) -> None:
    """Take the first months into a new stack's data bucket: to train on, to validate on, and to stream.

    Against the sandbox, set the variables that `make sandbox ARGS=--keep` prints.
    """
    ingest(
        months or list(FIRST_MONTHS), data_bucket, data, dataset,
        allow_synthetic=allow_synthetic, as_json=as_json,
    )  # fmt: skip


def _one(month: str, name: str, data: Path | None, dataset: str, *, allow_synthetic: bool) -> "Ingested":
    from workloads.data.fetch import fetch
    from workloads.data.ingest import ingest as take_in
    from workloads.data.ingest import quarantine
    from workloads.data.lineage import recorded
    from workloads.data.months import DamagedFileError, dataset_named
    from workloads.data.s3 import Bucket

    described, bucket = dataset_named(dataset), Bucket(name)
    with recorded(bucket, os.environ) as lineage:
        lineage.inputs[described.url(month)] = ""
        try:
            found = fetch(
                [month], data=data, environ=os.environ, allow_synthetic=allow_synthetic, bucket=name,
                dataset=described,
            )  # fmt: skip
        except DamagedFileError as error:
            raise quarantine(bucket, month, error.path, described, str(error)) from error
        record = take_in(bucket, month, found.files[month], found.source, described)
        lineage.inputs[described.url(month)] = record.sha256
        raw, others = record.keys["raw"], (record.keys[kind] for kind in ("processed", "quarantine"))
        lineage.outputs.update({raw: record.sha256, **dict.fromkeys(others, "")})
    return record


def _words(record: "Ingested") -> str:
    rejected = ", ".join(f"{count} {reason}" for reason, count in record.rejected.items() if count)
    return (
        f"{record.month}  {record.dataset}, {record.source}  {record.trips} trips, {record.rides} rides"
        f"{f', rejected: {rejected}' if rejected else ''}  sha256 {record.sha256[:12]}"
    )
