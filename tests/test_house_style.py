"""What the linter cannot count: lines of files, and lines of functions (it counts statements)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ["__main__.py", "components", "workloads", "lambda", "ops", "benchmarks"]
TEST_NAME = 60  # characters
FILE_LINES = 250
FUNCTION_LINES = 40


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Each function's place and name, and its lines without the docstring's."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = node.body[0] if ast.get_docstring(node) else None
            without = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
            yield f"{node.lineno}: {node.name}", (node.end_lineno or 0) - node.lineno + 1 - without


@pytest.mark.parametrize("part", SOURCES)
def test_files_and_functions_are_short(part: str) -> None:
    files = [ROOT / part] if part.endswith(".py") else sorted((ROOT / part).rglob("*.py"))
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in files}
    assert texts
    lengths = {path: len(text.splitlines()) for path, text in texts.items()}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}
    functions_of = {
        f"{path}:{name}": lines for path, text in texts.items() for name, lines in functions(text)
    }
    assert {name: lines for name, lines in functions_of.items() if lines > FUNCTION_LINES} == {}


def test_files_of_tests_are_short() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in sorted((ROOT / "tests").rglob("*.py"))
    }
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_names_of_tests_are_short() -> None:
    """A docstring says what a short name cannot."""
    names = {
        f"{path.relative_to(ROOT)}:{name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name, _ in functions(path.read_text())
        if len(name.split()[-1]) > TEST_NAME
    }
    assert names == set()
