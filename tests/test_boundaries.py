"""Who may import whom, where the contracts in pyproject.toml cannot say it."""

import ast
import graphlib
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
DAGS = sorted((ROOT / "workloads" / "dags").glob("*.py"))


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    parts = ("components", "workloads", "lambda", "ops", "benchmarks")
    return grimp.build_graph(*parts, include_external_packages=True, cache_dir=None)


def imported_packages(path: Path) -> set[str]:
    """The first name of every module that the file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


def test_private_modules_are_imported_inside_their_package_only(graph: grimp.ImportGraph) -> None:
    for module in graph.modules:
        package, _, name = module.rpartition(".")
        if package and name.startswith("_") and name != "__main__":
            importers = graph.find_modules_that_directly_import(module)
            assert all(f"{importer}.".startswith(f"{package}.") for importer in importers), (
                module,
                importers,
            )


def test_lambda_modules_have_no_circle(graph: grimp.ImportGraph) -> None:
    """They import each other by their bare names, because `lambda` cannot stand in an import statement."""
    own = {module.removeprefix("lambda.") for module in graph.modules if module.startswith("lambda.")}
    imports = {name: graph.find_modules_directly_imported_by(f"lambda.{name}") & own for name in own}
    assert own
    graphlib.TopologicalSorter(imports).prepare()


def test_lambda_modules_are_imported_by_nobody_else(graph: grimp.ImportGraph) -> None:
    own = {module.removeprefix("lambda.") for module in graph.modules if module.startswith("lambda.")}
    for name in own & graph.modules:
        importers = graph.find_modules_that_directly_import(name)
        allowed = ("lambda.", "benchmarks.", "workloads.serving.")  # the service is the function over HTTP
        assert all(f"{importer}.".startswith(allowed) for importer in importers), (name, importers)


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.stem)
def test_dags_import_airflow_and_the_standard_library_only(path: Path) -> None:
    shared = set() if path.stem == "workload_commands" else {"workload_commands"}  # it lies beside them
    assert imported_packages(path) <= sys.stdlib_module_names | {"airflow"} | shared


def test_the_program_is_short_and_imports_components_only() -> None:
    program = ROOT / "__main__.py"
    assert len(program.read_text().splitlines()) < 80
    assert imported_packages(program) <= {"pulumi", "components"}
