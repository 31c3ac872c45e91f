"""Stacks of the tiers that the end-to-end test does not run, deployed to moto."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.engine import run
from ops.local.moto.backend import MotoBackend
from ops.local.services import ROOT, Children
from ops.sandbox.deployed import counted, data_path
from ops.stack.status import status


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[MotoBackend]:
    with Children(tmp_path) as children:
        moto = children.serve("moto", "ops.local.moto.server", health="/moto-api/", environment={})
        children.wait(moto)
        yield MotoBackend(lambda: moto.url)


@pytest.mark.parametrize("tier", ["standard", "production"])
def test_tier(backend: MotoBackend, tier: str) -> None:
    deployment = run(ROOT, stack="dev", config={"tier": tier}, preview=False, backend=backend)
    assert [error.message for error in deployment.errors] == []
    created, _ = counted(deployment)
    assert created > 50
    path = data_path(deployment, backend.clients)
    assert path.mapping.batch_size > 1
    assert backend.clients("s3").head_bucket(Bucket=path.bucket)
    found = status(backend.clients("cloudwatch"), deployment.project, "dev", {})
    assert {"iterator-age", "no-predictions"} <= {one.name for one in found.alarms}
    assert {one.group for one in found.figures} >= {"Stream and predictor", "Model", "Database"}
