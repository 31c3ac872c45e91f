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
        tests=(
            "tests/lambda/test_models.py",
            "tests/lambda/test_damaged_bundles.py",
            "tests/lambda/test_booster.py",
        ),
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
            *(
                "components/common/iam.py",
                "components/common/instance_types.py",
                "components/common/names.py",
            ),
            "components/orchestration/compose/memory.py",
        ),
        tests=(
            *("tests/components/test_cidr.py", "tests/components/test_instances.py"),
            *("tests/components/test_iam.py", "tests/components/test_schedule.py"),
            *("tests/components/test_compose_files.py", "tests/components/test_storage.py"),
        ),
    ),
    "workloads": Target(
        files=(
            *("workloads/data/months.py", "workloads/data/quality.py", "workloads/data/trips.py"),
            *("workloads/training/features.py", "workloads/training/baseline.py"),
            *("workloads/training/promotion.py", "workloads/training/registered.py"),
        ),
        tests=(
            *("tests/workloads/data/test_trips.py", "tests/workloads/data/test_quality.py"),
            *("tests/workloads/training/test_promotion.py", "tests/workloads/training/test_registered.py"),
            *("tests/lambda/test_features.py", "tests/workloads/training/test_model.py"),
        ),
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
