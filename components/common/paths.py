"""Where the project's folders are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKLOADS = ROOT / "workloads"
IMAGES = WORKLOADS / "images"
LAMBDA = ROOT / "lambda"
