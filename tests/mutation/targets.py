"""What is mutated, and the tests that have to notice."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Modules, and the tests that run against each mutant."""

    files: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def paths(self) -> list[Path]:
        """The modules' files."""
        return [ROOT / file for file in self.files]


def _lambda(*names: str) -> tuple[str, ...]:
    return tuple(f"lambda/{name}.py" for name in names)


TARGETS = {
    "lambda-s3": Target(
        files=_lambda("s3", "signing", "credentials"),
        tests=tuple(
            f"tests/lambda/test_{name}.py" for name in ("s3", "s3_retries", "signing", "credentials")
        ),
    ),
    "lambda-records": Target(
        files=_lambda("records", "features"),
        tests=tuple(
            f"tests/lambda/test_{name}.py" for name in ("features", "records", "bad_input", "models")
        ),
    ),
    "lambda-models": Target(
        files=_lambda("bundle", "models", "model_file", "ubjson", "booster"),
        # Without the 2,900 damaged bundles of test_damaged_bundles.py, which take 20 seconds.
        tests=tuple(f"tests/lambda/test_{name}.py" for name in ("ubjson", "model_file", "booster", "models")),
    ),
    "lambda-batches": Target(
        files=_lambda("predictor", "objects", "logs", "handler", "store"),
        tests=(
            "tests/lambda/test_batches.py",
            "tests/lambda/test_objects.py",
            "tests/lambda/test_handler.py",
        ),
    ),
    "components": Target(
        files=(
            *("components/network/cidr.py", "components/schedule/office_hours.py"),
            *(f"components/common/{name}.py" for name in ("iam", "instance_types", "names", "task_sizes")),
            *("components/common/pausable.py", "components/orchestration/compose/memory.py"),
        ),
        tests=tuple(
            f"tests/components/test_{name}.py"
            for name in ("cidr", "iam", "instances", "memory", "names", "schedule", "sizing")
        ),
    ),
    "workloads-data": Target(
        files=tuple(f"workloads/data/{name}.py" for name in ("months", "quality", "trips")),
        tests=tuple(
            f"tests/workloads/data/test_{name}.py" for name in ("months", "limits", "trips", "quality")
        ),
    ),
    "workloads-features": Target(
        files=("workloads/training/features.py", "workloads/training/baseline.py"),
        tests=("tests/lambda/test_features.py", "tests/workloads/training/test_model.py"),
    ),
    "workloads-promotion": Target(
        files=("workloads/training/promotion.py", "workloads/training/registered.py"),
        tests=tuple(f"tests/workloads/training/test_{name}.py" for name in ("decision", "registered")),
    ),
    "event-source-mapping": Target(
        files=(
            *("workloads/delivery/event.py", "workloads/delivery/response.py"),
            *(
                f"ops/event_source_mapping/{name}.py"
                for name in ("batch", "on_failure_destination", "poller", "retry", "settings")
            ),
        ),
        tests=tuple(
            f"tests/ops/event_source_mapping/test_{name}.py"
            for name in ("responses", "batching", "bisecting", "retries", "settings", "shards")
        ),
    ),
}
