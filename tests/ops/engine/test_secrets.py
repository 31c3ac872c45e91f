"""Secrets stay marked from the program to what is shown."""

import json

import pytest

from ops.engine import masked
from ops.engine.leaks import leaks
from ops.engine.model import PropertyPath
from ops.engine.report import as_dict
from tests.ops.engine.conftest import Program

SOURCE = """
    password = random.RandomPassword("password", length=12)
    config = pulumi.Config().require_secret("token")
    parameter = aws.ssm.Parameter("p", type="String", value=pulumi.Output.format("{0}!", password.result))
    aws.sqs.Queue("q", tags={"token": config, "plain": "yes"})
    pulumi.export("password", password.result)
    pulumi.export("nested", {"token": config, "name": "open"})
    pulumi.export("parameter", parameter.value)
"""


def test_no_secret_is_shown_in_an_update(program: Program) -> None:
    (program.root / "Pulumi.prod.yaml").write_text("config: {fixture:token: {secure: v1:abc}}\n")
    deployment = program.run(SOURCE, stack="prod", preview=False)
    assert deployment.errors == ()
    (made,) = (r for r in deployment.resources if r.name == "password")
    assert len(made.outputs["result"]) == 12
    shown = as_dict(deployment)
    assert made.outputs["result"] not in json.dumps(shown)
    assert shown["outputs"] == {
        "password": "[secret]",
        "nested": {"token": "[secret]", "name": "open"},
        "parameter": "[secret]",
    }
    (queue,) = (r for r in shown["resources"] if r["name"] == "q")
    assert queue["inputs"]["tags"] == {"token": "[secret]", "plain": "yes"}


def test_secrets_are_masked_in_a_preview(program: Program) -> None:
    """Other unknown values are shown as unknown."""
    deployment = program.run("""
        password = random.RandomPassword("password", length=12)
        queue = aws.sqs.Queue("q", policy=password.result, redrive_policy=password.id)
        pulumi.export("password", password.result)
        pulumi.export("arn", queue.arn)
    """)
    shown = as_dict(deployment)
    assert shown["outputs"] == {"arn": "[unknown]", "password": "[secret]"}
    (queue,) = (r for r in shown["resources"] if r["name"] == "q")
    assert queue["inputs"] == {"policy": "[secret]", "redrivePolicy": "[unknown]"}


def test_masking_reaches_into_lists() -> None:
    paths: frozenset[PropertyPath] = frozenset({("a", 1), ("b", "c")})
    assert masked({"a": [1, 2], "b": {"c": 3, "d": 4}}, paths) == {
        "a": [1, "[secret]"],
        "b": {"c": "[secret]", "d": 4},
    }


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ('random.RandomPassword("made", length=32)', []),
        ('random.RandomBytes("made", length=32)', ["id"]),
        (
            'made = random.RandomPassword("made", length=32)\n'
            'aws.sqs.Queue("q", name="q", policy=made.result)\n'
            'pulumi.export("address", pulumi.Output.unsecret(pulumi.Output.concat("://u:", made.result)))',
            ["address"],
        ),
    ],
)
def test_finds_secrets_in_plain_text(program: Program, source: str, places: list[str]) -> None:
    """pulumi-random takes the bytes that it makes for their id, which the state does not encrypt."""
    found = leaks(program.run(source, preview=False))
    assert [line.split(": ", 1)[1].split(" shows")[0] for line in found] == places
