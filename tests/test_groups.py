"""Tests that share what takes long to make share a worker too."""

import pytest


@pytest.mark.xdist_group("shared")
def test_groups_reach_xdist(request: pytest.FixtureRequest) -> None:
    """xdist tells groups by what it appends to a test's id, which some versions of pytest overlook."""
    in_worker = hasattr(request.config, "workerinput")
    assert request.node.nodeid.endswith("@shared") or not in_worker
