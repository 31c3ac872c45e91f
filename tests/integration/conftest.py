"""The real program's graph, for any stack, tier and config.

`graph(stack, tier, preview, **config)` runs `__main__.py` through the engine, once for each combination in a
session, and gives the `Deployment`; a test of a component or a tier asks for what it needs, for example
`graph("prod", "standard", preview=False, nat="gateway")`. Keyword arguments are config keys; a value that is
no string is handed over as JSON. Give tests that share runs one `xdist_group`, so that they share a worker.
"""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.engine import Deployment, run

PROGRAM = Path(__file__).parents[2]

Graph = Callable[..., Deployment]


@functools.cache
def _run(stack: str, tier: str, preview: bool, config: tuple[tuple[str, str], ...]) -> Deployment:
    return run(PROGRAM, stack=stack, config={**dict(config), "tier": tier}, preview=preview)


@pytest.fixture(scope="session")
def graph() -> Graph:
    def of(stack: str, tier: str, preview: bool = True, **config: Any) -> Deployment:
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
        deployment = _run(stack, tier, preview, tuple(sorted(texts.items())))
        assert deployment.exit_code == 0, "\n".join(f"{d.urn}: {d.message}" for d in deployment.errors)
        return deployment

    return of
