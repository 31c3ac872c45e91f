"""Who may import whom: an arrow that is not drawn here does not exist."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAMBDA_MODULES = {path.stem for path in (ROOT / "lambda").rglob("*.py")}

# What each part may not import, by the first name of the module.
FORBIDDEN = {
    "components": {"workloads", "ops", "benchmarks", "tests"},
    "workloads": {"components", "ops", "benchmarks", "tests", "pulumi", "pulumi_aws"},
    "lambda": {"components", "workloads", "ops", "benchmarks", "tests", "pulumi", "pulumi_aws"},
    "ops": {"benchmarks", "tests"},
}


def modules(path: Path, package: str) -> Iterator[str]:
    """The dotted name of everything that the file imports, relative imports resolved."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: -node.level + 1 or None]) if node.level else ""
            origin = ".".join(part for part in (base, node.module) if part)
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def files(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


def imports(path: Path) -> set[str]:
    return set(modules(path, ".".join(path.relative_to(ROOT).parent.parts)))


@pytest.mark.parametrize("part", sorted(FORBIDDEN))
def test_a_part_imports_only_parts_that_it_may_know(part):
    for path in files(part):
        known = {name.split(".")[0] for name in imports(path)}
        assert not known & FORBIDDEN[part], path.relative_to(ROOT)


def test_components_and_workloads_do_not_import_the_function_s_modules():
    own = LAMBDA_MODULES - {path.stem for part in ("components", "workloads") for path in files(part)}
    for path in [*files("components"), *files("workloads")]:
        assert not {name.split(".")[0] for name in imports(path)} & own, path.relative_to(ROOT)


def test_components_do_not_import_each_other():
    for path in files("components"):
        here = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "components" and len(parts) > 1 and parts[1] not in ("common", "config"):
                assert may_import(here, name), f"{here} imports {name}"


def may_import(here: str, name: str) -> bool:
    """Whether a module of the components may import one of another package."""
    # The wiring of the variants, the collected sections, and the type of what is checked.
    if here in ("components.orchestration.__init__", "components.settings", "components.config.checks"):
        return True
    return here.split(".")[1] == name.split(".")[1]


def test_dags_import_airflow_and_the_standard_library_alone():
    for path in files("workloads/dags"):
        for name in imports(path):
            first = name.split(".")[0]
            assert first in sys.stdlib_module_names or first == "airflow", f"{path.relative_to(ROOT)}: {name}"


def test_the_program_is_short_and_makes_no_resource_of_its_own():
    source = (ROOT / "__main__.py").read_text()
    assert len(source.splitlines()) < 80
    first = {name.split(".")[0] for name in imports(ROOT / "__main__.py")}
    assert first <= {"pulumi", "components"}
