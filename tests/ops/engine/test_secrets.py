"""Secrets stay marked from the program to what is shown."""

import json

from ops.engine import masked
from ops.engine.report import as_dict

SOURCE = """
    password = random.RandomPassword("password", length=12)
    config = pulumi.Config().require_secret("token")
    parameter = aws.ssm.Parameter("p", type="String", value=pulumi.Output.format("{0}!", password.result))
    aws.sqs.Queue("q", tags={"token": config, "plain": "yes"})
    pulumi.export("password", password.result)
    pulumi.export("nested", {"token": config, "name": "open"})
    pulumi.export("parameter", parameter.value)
"""


def test_no_secret_is_shown_in_an_update(program) -> None:
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


def test_secrets_are_masked_in_a_preview_too_and_other_unknowns_shown_as_such(program) -> None:
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
    paths = frozenset({("a", 1), ("b", "c")})
    assert masked({"a": [1, 2], "b": {"c": 3, "d": 4}}, paths) == {
        "a": [1, "[secret]"],
        "b": {"c": "[secret]", "d": 4},
    }
