"""The commands' options; their environment variables are those of the containers."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

Month = Annotated[str, Argument(help="The month to learn from: YYYY-MM, latest or latest-N.")]
Study = Annotated[str, Option(envvar="STUDY", help="The study, which goes on where it was interrupted.")]
Trials = Annotated[int, Option(min=1, max=10_000, help="Trials that the study is to have in the end.")]
Timeout = Annotated[
    int, Option(min=1, max=604_800, help="Seconds after which no new trial begins; those at work end.")
]
Jobs = Annotated[
    int, Option(envvar="JOBS", min=1, max=64, help="Trials at the same time, a processor core each.")
]
Journal = Annotated[Path, Option(envvar="STUDY_JOURNAL", help="Folder of the studies' journals.")]
Input = Annotated[str, Option("--input", help="Parquet or CSV: s3://BUCKET/PREFIX, a folder or a file.")]
Output = Annotated[str, Option("--output", help="Where predictions go: s3://BUCKET/PREFIX or a folder.")]
PredictMonth = Annotated[
    str, Option("--month", help="Score this month instead of --input: YYYY-MM or latest.")
]
PartRows = Annotated[int, Option(min=1000, max=5_000_000, help="Rows that are scored at a time.")]
Predicted = Annotated[str, Option("--predict", help="The month to score: YYYY-MM or latest.")]
EngineName = Annotated[
    Literal["memory", "external", "dask"],
    Option(
        "--engine", envvar="ENGINE", help="Where rides are kept: in memory, on disk, or on Dask's workers."
    ),
]
Months = Annotated[
    int,
    Option(
        envvar="TRAIN_MONTHS", min=1, max=240, help="Months to train on, the last of them MONTH; 1 in memory."
    ),
]
Workers = Annotated[
    int, Option(envvar="WORKERS", min=1, max=100, help="Of Dask: tasks on Fargate, else processes here.")
]
Scheduler = Annotated[str, Argument(help="Of Dask, as tcp://HOST:PORT.")]
