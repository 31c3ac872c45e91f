"""Small Pulumi programs, run by the engine as the real one is."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from ops.engine import Backend, Deployment, run

PROJECT = """
name: fixture
runtime: python
config:
  size: {type: integer, default: 8}
  flag: {type: boolean, default: false}
  zones: {type: array, items: {type: string}, default: [a, b]}
"""
HEADER = "import pulumi\nimport pulumi_aws as aws\nimport pulumi_random as random\n"


class Program:
    """A project on disk with stacks `dev` and `prod`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "Pulumi.yaml").write_text(PROJECT)
        (root / "Pulumi.dev.yaml").write_text("config: {aws:region: eu-west-1}\n")
        (root / "Pulumi.prod.yaml").write_text("")

    def write(self, source: str) -> None:
        (self.root / "__main__.py").write_text(HEADER + textwrap.dedent(source))

    def run(
        self,
        source: str,
        *,
        stack: str = "dev",
        config: Mapping[str, str] | None = None,
        preview: bool = True,
        backend: Backend | None = None,
    ) -> Deployment:
        self.write(source)
        return run(self.root, stack=stack, config=config, preview=preview, backend=backend)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)
