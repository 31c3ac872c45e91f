"""Config reaches the program as the Pulumi CLI would hand it over."""

import json
from pathlib import Path
from typing import Any

import pytest

from ops.engine import EngineError
from ops.engine.project import Project
from tests.ops.engine.conftest import Program


@pytest.fixture
def project(program: Program) -> Project:
    return Project.load(program.root)


def test_defaults_fill_in_what_the_stack_leaves_out(project: Project) -> None:
    config = project.stack_config("dev", {})
    assert config.values == {
        "aws:region": "eu-west-1",
        "fixture:size": "8",
        "fixture:flag": "false",
        "fixture:zones": '["a","b"]',
    }


def test_overrides_win_with_and_without_namespace(project: Project) -> None:
    values = project.stack_config("dev", {"size": "9", "aws:region": "us-east-1", "zones": '["c"]'}).values
    assert (values["fixture:size"], values["aws:region"], values["fixture:zones"]) == (
        "9",
        "us-east-1",
        '["c"]',
    )


def test_a_missing_stack_lists_those_there_are(project: Project) -> None:
    with pytest.raises(EngineError, match=r"no Pulumi\.test\.yaml in .*; stacks there are: dev, prod"):
        project.stack_config("test", {})


def test_every_value_of_the_wrong_type_is_listed(project: Project) -> None:
    with pytest.raises(EngineError) as caught:
        project.stack_config("dev", {"size": "big", "flag": "yes", "zones": "[1"})
    for problem in ("size must be of type integer", "flag must be of type boolean", "array<string>"):
        assert problem in str(caught.value)


def test_a_declared_key_without_a_value_is_missing(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("{name: p, runtime: python, config: {need: {type: string}}}")
    (tmp_path / "Pulumi.dev.yaml").write_text("")
    with pytest.raises(EngineError, match="need has no value"):
        Project.load(tmp_path).stack_config("dev", {})


def test_secure_values_are_secret_and_stand_as_a_placeholder(program: Program) -> None:
    (program.root / "Pulumi.dev.yaml").write_text("config: {fixture:size: {secure: v1:abc}}")
    config = Project.load(program.root).stack_config("dev", {})
    assert config.values["fixture:size"] == "[secret]"
    assert config.secret_keys == ("fixture:size",)


SCALARS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("scalars.json").read_text("utf-8"))
TYPES = ("string", "integer", "boolean")


@pytest.mark.parametrize("scalar", SCALARS)
@pytest.mark.parametrize("type_", TYPES)
def test_a_scalar_is_what_the_cli_takes_it_for(tmp_path: Path, scalar: str, type_: str) -> None:
    """`scalars.json` is what Pulumi 3.260 made of each: the program's text, and the types that it fits."""
    (tmp_path / "Pulumi.yaml").write_text(f"{{name: p, runtime: python, config: {{key: {{type: {type_}}}}}}}")
    (tmp_path / "Pulumi.dev.yaml").write_text(f"config:\n  p:key: {scalar}\n", encoding="utf-8")
    project = Project.load(tmp_path)
    if type_ in SCALARS[scalar]["fits"]:
        assert project.stack_config("dev", {}).values["p:key"] == SCALARS[scalar]["text"]
    else:
        with pytest.raises(EngineError, match=f"key must be of type {type_}"):
            project.stack_config("dev", {})


def test_a_stack_file_that_is_not_utf8_is_named(program: Program) -> None:
    (program.root / "Pulumi.dev.yaml").write_bytes("config: {fixture:size: é}".encode("latin-1"))
    with pytest.raises(EngineError, match=r"Pulumi\.dev\.yaml is not UTF-8 text"):
        Project.load(program.root).stack_config("dev", {})


@pytest.mark.parametrize("config", ["[a, b]", "text"])
def test_config_that_is_not_a_mapping_is_named(program: Program, config: str) -> None:
    (program.root / "Pulumi.dev.yaml").write_text(f"config: {config}\n")
    with pytest.raises(EngineError, match=r"Pulumi\.dev\.yaml: config must be a mapping"):
        Project.load(program.root).stack_config("dev", {})


@pytest.mark.parametrize("content", ["a: [", "- list"])
def test_a_file_that_is_no_mapping_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(content)
    with pytest.raises(EngineError, match=r"Pulumi\.yaml"):
        Project.load(tmp_path)


def test_no_project_or_another_runtime_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no Pulumi\.yaml"):
        Project.load(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("{name: p, runtime: nodejs}")
    with pytest.raises(EngineError, match="nodejs"):
        Project.load(tmp_path)


def test_disabled_default_providers_must_be_a_list(program: Program) -> None:
    with pytest.raises(EngineError, match=r"disable-default-providers: must be a list .* got aws"):
        program.run("", config={"pulumi:disable-default-providers": "aws"})


def test_the_program_reads_typed_config(program: Program) -> None:
    deployment = program.run(
        """
        config = pulumi.Config()
        pulumi.export("size", config.require_int("size"))
        pulumi.export("flag", config.require_bool("flag"))
        pulumi.export("zones", config.require_object("zones"))
        pulumi.export("stack", f"{pulumi.get_project()}/{pulumi.get_stack()}")
        """,
        config={"flag": "true"},
    )
    assert deployment.outputs == {"size": 8, "flag": True, "zones": ["a", "b"], "stack": "fixture/dev"}
