"""What becomes of a deployed stack."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.engine.changes import Change, Snapshot, changes
from tests.ops.engine.conftest import Program

ROOT = Path(__file__).parents[3]
STREAM, TOPIC = "aws:kinesis/stream:Stream", "aws:sns/topic:Topic"


def resource(name: str, type_: str = STREAM, **more: Any) -> Snapshot:
    inputs = {"name": name, **more.pop("inputs", {})}
    return Snapshot(urn=f"urn:pulumi:dev::p::{type_}::{name}", type=type_, inputs=inputs, **more)


def operations(found: list[Change]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.operation, one.urn.rpartition("::")[2], one.properties) for one in found]


def test_equal_graphs_change_nothing() -> None:
    assert changes([resource("a")], [resource("a")]) == []


def test_tells_create_update_and_delete() -> None:
    before = [resource("first"), resource("second"), resource("both", inputs={"shardCount": 1})]
    after = [resource("both", inputs={"shardCount": 2}), resource("new")]
    assert operations(changes(before, after)) == [
        ("update", "both", ("shardCount",)),
        ("create", "new", ()),
        ("delete", "second", ()),
        ("delete", "first", ()),
    ]


def test_a_fixed_input_replaces() -> None:
    old, new = (Snapshot(urn="u", type=STREAM, inputs={"name": name, "shardCount": 1}) for name in "ab")
    assert [(one.operation, one.properties) for one in changes([old], [new])] == [("replace", ("name",))]


@pytest.mark.parametrize(("replaces", "operation"), [(True, "replace"), (False, "update")])
def test_user_data_replaces_an_instance_that_says_so(replaces: bool, operation: str) -> None:
    old, new = (
        Snapshot(
            urn="u",
            type="aws:ec2/instance:Instance",
            inputs={"userData": text, "userDataReplaceOnChange": replaces},
        )
        for text in "ab"
    )
    assert [one.operation for one in changes([old], [new])] == [operation]


def test_an_alias_is_the_same_resource() -> None:
    old = resource("old")
    new = Snapshot(urn="urn:new", type=STREAM, inputs=old.inputs, aliases=(old.urn,))
    assert changes([old], [new]) == []


def test_unknown_values_of_a_replaced_resource_differ() -> None:
    """A file knows no ids; what refers to a replaced resource is updated or replaced with it."""
    group = "aws:ec2/securityGroup:SecurityGroup"
    network = Snapshot(urn="vpc", type="aws:ec2/vpc:Vpc", inputs={"cidrBlock": "10.0.0.0/16"})
    inside = Snapshot(urn="g", type=group, inputs={"vpcId": "[unknown]"}, dependencies=frozenset({"vpc"}))
    outside = Snapshot(urn="h", type=group, inputs={"vpcId": "[unknown]"})
    moved = Snapshot(urn="vpc", type="aws:ec2/vpc:Vpc", inputs={"cidrBlock": "10.1.0.0/16"})
    found = changes([network, inside, outside], [moved, inside, outside])
    assert [(one.urn, one.operation) for one in found] == [("vpc", "replace"), ("g", "replace")]


def test_what_refers_to_a_replaced_resource_changes_in_an_update(program: Program) -> None:
    source = """
        network = aws.ec2.Vpc("network", cidr_block="10.{0}.0.0/16")
        aws.ec2.SecurityGroup("group", name="group", description="all", vpc_id=network.id)
        aws.sns.Topic("topic", name="topic", display_name=network.id)
    """
    ids = [{r.name: r.id for r in program.run(source.format(n), preview=False).resources} for n in "01"]
    assert ids[0]["network"] != ids[1]["network"]
    assert ids[0]["group"] != ids[1]["group"]
    assert ids[0]["topic"] == ids[1]["topic"]


def ops(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ops", *words], cwd=ROOT, capture_output=True, text=True)


def test_the_command_compares_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    file.write_text(ops("preview", "dev", "--tier", "micro", "--json").stdout)
    same = ops("preview", "dev", "--tier", "micro", "--against", str(file))
    assert same.stdout.splitlines()[-1] == "0 to create, 0 to update, 0 to replace, 0 to delete"
    other = ops(
        "preview", "dev", "--tier", "micro", "--set", "vpcCidr=10.7.0.0/16", "--against", str(file), "--json"
    )
    found = json.loads(other.stdout)
    assert [urn.rpartition("::")[2] for urn in found["replace"]][:1] == ["network-vpc"]
    assert any(urn.endswith("::network-public-1") for urn in found["replace"])


@pytest.mark.parametrize(
    ("text", "problem"), [("{", "cannot be read as JSON"), ("[]", "has no resources; make it with")]
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "before.json"
    file.write_text(text)
    result = ops("preview", "dev", "--against", str(file))
    assert result.returncode == 2
    assert problem in result.stderr
