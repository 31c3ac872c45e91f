"""The one provider takes the stack's `aws:` keys and puts the project's tags on everything."""

import json
from collections.abc import Mapping
from typing import Any

from components.common.provider import aws_provider
from tests.components.conftest import Deploy


def default_tags(deploy: Deploy, options: Mapping[str, Any]) -> tuple[dict[str, str], Mapping[str, Any]]:
    inputs = deploy(lambda: aws_provider(options, tier="learning")).one("pulumi:providers:aws").inputs
    tags = inputs["defaultTags"]
    return (json.loads(tags) if isinstance(tags, str) else tags)["tags"], inputs


def test_default_tags(deploy: Deploy) -> None:
    """Every resource gets the project's tags and keeps the stack's own."""
    tags, _ = default_tags(deploy, {"default_tags": {"tags": {"Team": "rides", "ManagedBy": "hand"}}})
    assert tags == {
        "Team": "rides",
        "Project": "mlops-taxi-prediction",
        "Environment": "dev",
        "Tier": "learning",
        "ManagedBy": "pulumi",
    }


def test_the_keys_of_the_stack_reach_the_provider(deploy: Deploy) -> None:
    _, inputs = default_tags(deploy, {"region": "eu-north-1", "s3_use_path_style": True})
    assert inputs["region"] == "eu-north-1"
    assert inputs["s3UsePathStyle"] in (True, "true")
