"""Inputs are checked against the SDK's own classes, at every depth."""

import pytest

from ops.engine import UNKNOWN
from ops.engine.check import problems
from tests.ops.engine.conftest import Program

DESCRIPTION = {
    "inputs": {
        "name": "string",
        "count": "integer",
        "ratio": "number",
        "on": "boolean",
        "code": "asset",
        "tags": {"map": "string"},
        "rules": {"array": {"object": "Rule"}},
        "either": {"union": ["string", {"array": "string"}]},
        "free": "any",
    },
    "required": ["name"],
    "objects": {
        "Rule": {
            "inputs": {"id": "string", "days": "integer", "rule": {"object": "Rule"}},
            "required": ["id"],
        }
    },
}


@pytest.mark.parametrize(
    "inputs",
    [
        {"name": "a", "count": 3, "ratio": 1.5, "on": False, "tags": {"x": "y"}, "free": {"z": [1]}},
        {"name": UNKNOWN, "count": UNKNOWN, "rules": UNKNOWN, "tags": {"x": UNKNOWN}},
        {"name": "a", "count": None, "either": ["x"], "rules": [{"id": "r", "rule": {"id": "s"}}]},
        {"name": "a", "either": "x", "ratio": 2},
    ],
)
def test_what_fits_passes(inputs: dict[str, object]) -> None:
    assert problems(inputs, DESCRIPTION) == []


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({}, "name: required, but missing"),
        ({"name": None}, "name: required, but missing"),
        ({"name": "a", "cuont": 1}, "cuont: no such property; did you mean count?"),
        ({"name": 1}, "name: must be a string, got a number"),
        ({"name": "a", "count": "3"}, "count: must be an integer, got a string"),
        ({"name": "a", "count": 1.5}, "count: must be an integer, got a number"),
        ({"name": "a", "count": True}, "count: must be an integer, got a boolean"),
        ({"name": "a", "on": "true"}, "on: must be a boolean, got a string"),
        ({"name": "a", "code": "x"}, "code: must be an asset, got a string"),
        ({"name": "a", "tags": ["x"]}, "tags: must be an object, got a list"),
        ({"name": "a", "tags": {"x": 1}}, "tags['x']: must be a string, got a number"),
        ({"name": "a", "rules": {"id": "r"}}, "rules: must be a list, got an object"),
        ({"name": "a", "rules": [{"id": "r"}, {}]}, "rules[1].id: required, but missing"),
        (
            {"name": "a", "rules": [{"id": "r", "dyas": 1}]},
            "rules[0].dyas: no such property; did you mean days?",
        ),
        (
            {"name": "a", "rules": [{"id": "r", "rule": {"id": 1}}]},
            "rules[0].rule.id: must be a string, got a number",
        ),
        ({"name": "a", "either": 1}, "either: must be a string, got a number"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path(inputs: dict[str, object], problem: str) -> None:
    assert problems(inputs, DESCRIPTION) == [problem]


def test_a_value_is_never_shown_because_it_may_be_a_secret() -> None:
    assert "hunter2" not in problems({"name": "a", "count": "hunter2"}, DESCRIPTION)[0]


MISSPELT = """
    aws.s3.BucketLifecycleConfiguration(
        "rules",
        bucket="b",
        rules=[{"id": "old", "status": "Enabled", "expiraton": {"days": 3}}, {"status": "Enabled"}],
    )
    aws.sqs.Queue("queue", delay_seconds="5")
"""


def test_preview_names_unknown_and_missing_properties(program: Program) -> None:
    """At every depth, and wrong types."""
    deployment = program.run(MISSPELT)
    assert deployment.exit_code == 1
    assert {(d.urn or "").split("::")[-1]: d.message for d in deployment.errors} == {
        "rules": "rules[0].expiraton: no such property; did you mean expiration?\n"
        "rules[1].id: required, but missing",
        "queue": "delaySeconds: must be an integer, got a string",
    }


def test_an_update_creates_nothing_after_a_problem(program: Program) -> None:
    deployment = program.run(MISSPELT, preview=False)
    assert deployment.exit_code == 1
    assert not any(resource.custom and resource.name == "rules" for resource in deployment.resources)


def test_every_kind_of_sdk_is_described(program: Program) -> None:
    deployment = program.run("""
        import pulumi_docker as docker

        docker.Image("i", image_name="i:1", build={"contxt": "."}, skip_push=True)
        random.RandomId("r", byte_length=4, keepers={"a": 1})
        aws.Provider("p", default_tags={"tgas": {}}, skip_metadata_api_check=True)
        pulumi.CustomResource("aws:sqs/queue:Quene", "q")
    """)
    assert {(d.urn or "").split("::")[-1]: d.message for d in deployment.errors} == {
        "i": "build.contxt: no such property; did you mean context?",
        "r": "keepers['a']: must be a string, got a number",
        "p": "defaultTags.tgas: no such property; did you mean tags?",
        "q": "no SDK that the program imports has the resource type aws:sqs/queue:Quene",
    }
