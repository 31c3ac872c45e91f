"""The command line: its exit codes, its JSON, and that help costs nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ops.__main__ import COMMANDS, load

ROOT = Path(__file__).parents[3]


def ops(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ops", *words], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_in_the_table_can_be_loaded(name: str) -> None:
    assert load(name).registered_commands


def test_help_imports_no_command() -> None:
    code = (
        "import sys\nfrom ops.__main__ import app\n"
        "try: app(['--help'])\n"
        "finally: print([name for name in ('pulumi', 'grpc', 'boto3', 'rich.tree') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.endswith("[]\n")
    assert all(name in result.stdout for name in COMMANDS)


def test_json_has_exactly_the_documented_keys() -> None:
    result = ops("preview", "dev", "--tier", "micro", "--json")
    assert result.returncode == 0, result.stderr
    shown = json.loads(result.stdout)
    assert list(shown) == ["stack", "tier", "seconds", "resources", "outputs"]
    assert (shown["stack"], shown["tier"]) == ("dev", "micro")
    for resource in shown["resources"]:
        assert list(resource) == ["urn", "type", "name", "parent", "dependencies", "inputs"]


def test_the_tree_shows_resources_counts_and_outputs() -> None:
    result = ops("preview", "dev", "--set", "kinesisStreamName=other-stream")
    assert result.returncode == 0, result.stderr
    for text in ("mlops-taxi-prediction-dev", "network-vpc", "aws.kinesis.Stream", "other-stream", "vpc_id"):
        assert text in result.stdout


def test_a_refused_setting_is_exit_code_1_and_no_traceback() -> None:
    result = ops("preview", "dev", "--set", "tierr=micro")
    assert result.returncode == 1
    assert "did you mean tier?" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("preview", "prd"), "stacks there are: dev, prod"),
        (("preview", "dev", "--set", "tier"), "--set takes KEY=VALUE"),
        (("preview", "dev", "--bogus"), "No such option"),
        (("preview",), "Missing argument"),
        (("prevew",), "No such command"),
    ],
)
def test_wrong_usage_is_exit_code_2(words: tuple[str, ...], text: str) -> None:
    result = ops(*words)
    assert result.returncode == 2
    assert text in result.stderr
    assert "Traceback" not in result.stderr
