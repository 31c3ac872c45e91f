"""Thousands of values for every config key: settings, or the one message; and nothing that AWS refuses."""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.config.aws_types import regions
from components.config.tiers import TIERS
from components.settings import KEYS, Settings, SettingsError, config_keys
from ops.engine import EngineError, run
from ops.engine.project import Project
from tests.components.refusals import PROJECT, name_stack

ROOT = Path(__file__).parents[2]
SEED = os.environ.get("FUZZ_SEED", "0")
YAML_PIECES = [
    b"",
    b"\n",
    b"  ",
    b"\t",
    b"- ",
    b": ",
    b"[",
    b"{",
    b"}",
    b"&a",
    b"*a",
    b"<<: ",
    b"!!binary x",
    b"!x ",
    b"|",
    b"\xff",
    b"\0",
]
YAML_PIECES += [
    b"~",
    b"yes",
    b"2.0",
    b"0x10",
    b"2026-01-01",
    b"1e999",
    b"\xe2\x80\xa8",
    b"'",
    b'"',
    b"#",
    b"config",
    b"---\n",
    b"? ",
    b"secure",
]

MUTATIONS = 12  # of some 130 keys, beside the hostile values: more than 5,000
HOSTILE = [
    *(
        "",
        " ",
        "\0",
        "\n",
        "null",
        "on",
        "yes",
        "0x10",
        "~",
        "-0",
        "007",
        "1e5",
        "nan",
        "inf",
        "-1",
        "٣",
        "\ud800",
    ),
    *(
        "9" * 20,
        "9" * 5000,
        "[" * 5000,
        "{" * 5000,
        "[]",
        "{}",
        "[[]]",
        "[null]",
        '[""]',
        '["\\ud800"]',
        "[1e999]",
    ),
    *(
        "$(id)",
        "`id`",
        "'; id #",
        '"',
        "a b",
        "a\tb",
        "*",
        "../..",
        "{{ x }}",
        "${x}",
        "tier",
        "true",
        "True",
        "2.0",
    ),
    *(
        "10.0.0.0/16",
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/8",
        "t4g.micro",
        "db.t4g.micro",
        "x" * 300,
        "banana",
        "ä",
        "a--b",
    ),
    *(
        "arn:aws:acm:us-east-1:123456789012:certificate/x",
        "vpc-0123abcd",
        '["subnet-0123abcd"]',
        "a@b.cd",
        "UPPER",
    ),
    *(
        "2147483648",
        "-2147483649",
        "0.1",
        "1_000",
        "+5",
        " 5",
        "5 ",
        "\ufeff5",
        "23:59-00:29",
        "Sun:23:59-Mon:00:29",
    ),
]


@pytest.fixture(autouse=True)
def stack() -> None:
    name_stack()


def fuzzed(key: str) -> Iterator[str]:
    """Hostile values, then mutations of them and of the key's own values; the same with the same seed."""
    draw = random.Random(f"{SEED} {key}")
    yield from draw.sample(HOSTILE, 30)
    declared = next((one for one in KEYS if one.name == key), None)
    usual = [] if declared is None else [declared.default, *declared.tiers.values()]
    seeds = [*HOSTILE, *(json.dumps(value) if isinstance(value, list) else str(value) for value in usual)]
    characters = "aZ09 -_.:/@*$'\"\\{}[],\n\0\tä\u0663\U0001f695"
    for _ in range(MUTATIONS):
        text = draw.choice(seeds)
        for _ in range(draw.randint(1, 3)):
            at = draw.randint(0, len(text))
            text = (
                text[:at]
                + draw.choice(characters) * draw.choice((0, 1, 1, 2, 70))
                + text[at + draw.randint(0, 2) :]
            )
        yield text


def read(config: dict[str, str], aws: dict[str, str] | None = None) -> Settings | None:
    try:
        return Settings.from_config(config, aws=aws)
    except SettingsError:
        return None


ACCEPTED: dict[str, list[str]] = {}  # what the first test found, for the last one


@pytest.mark.xdist_group("config-fuzz")
def test_value_is_read_or_refused() -> None:
    values = [(key, value) for key in sorted(config_keys()) for value in fuzzed(key)]
    assert len(values) > 5000
    for key, value in values:
        if read({key: value}):
            ACCEPTED.setdefault(key, []).append(value)


@pytest.mark.parametrize(
    "key", ["region", "defaultTags", "maxRetries", "insecure", "endpoints", "assumeRoles", "x"]
)
def test_provider_option_is_read_or_refused(key: str) -> None:
    for value in fuzzed(key):
        settings = read({}, {key: value})
        if settings and key == "region":
            assert settings.aws["region"] in regions()


@given(config=st.dictionaries(st.sampled_from(sorted(config_keys())), st.sampled_from(HOSTILE), max_size=8))
def test_values_are_read_or_refused_together(config: dict[str, str]) -> None:
    settings = read(config)
    assert settings is None or settings.tier in TIERS


@pytest.mark.xdist_group("config-fuzz")
@pytest.mark.parametrize("variant", ["compose", "fargate"])
def test_accepted_values_make_requests_that_aws_takes(variant: str) -> None:
    """A value of every key in the program, whose inputs the engine holds against botocore's models."""
    draw = random.Random(f"{SEED} {variant}")
    config = {"tier": draw.choice(TIERS), "orchestrationVariant": variant, "nat": "instance"}
    for key in sorted(ACCEPTED.keys() - config.keys() - {"lambdaPackaging"}):
        more = {**config, key: draw.choice(ACCEPTED[key])}
        config = more if has_the_declared_types(more) and read(more) else config
    assert not run(ROOT, stack="dev", config=config).errors, config


def has_the_declared_types(config: dict[str, str]) -> bool:
    """Whether the Pulumi CLI, which knows the types in Pulumi.yaml, hands such a config to the program."""
    try:
        return bool(Project.load(ROOT).stack_config("dev", config))
    except EngineError:
        return False


STACK_FILE = (ROOT / "Pulumi.dev.yaml").read_bytes()


def test_stack_file_is_read_or_refused(tmp_path: Path) -> None:
    """Mutated bytes of a stack file end in a config or in one error that names the file or the key."""
    (tmp_path / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    project = Project.load(tmp_path)
    draw = random.Random(f"{SEED} stack file")
    for _ in range(300):
        content = bytearray(STACK_FILE)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(content))
            content[at : at + draw.randint(0, 3)] = draw.choice(YAML_PIECES)
        (tmp_path / "Pulumi.dev.yaml").write_bytes(content)
        try:
            config = project.stack_config("dev", {})
        except EngineError:
            continue
        own = {key.removeprefix(f"{PROJECT}:"): value for key, value in config.values.items()}
        read({key: value for key, value in own.items() if ":" not in key})
