"""`python -m ops cost`, with the recorded graphs in place of the engine's."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer.testing

from ops.costs import command, graphs, variants
from ops.costs.cli import app
from ops.costs.model import CostError
from tests.ops.costs.stacks import RECORDED

TIERS = ("micro", "learning", "standard", "production")


def shown(config: Mapping[str, str]) -> Mapping[str, Any]:
    """The recorded graph of a tier; an on-demand stream and a dearer budget stand in for other changes."""
    text = (RECORDED / f"{config.get('tier', 'learning')}.json").read_text(encoding="utf-8")
    if config.get("kinesisStreamMode") == "on-demand":
        text = text.replace('"streamMode": "PROVISIONED"', '"streamMode": "ON_DEMAND"')
    if config.get("schedule") == "always-on":
        text = text.replace("aws:scheduler/schedule:Schedule", "aws:scheduler/scheduleGroup:ScheduleGroup")
    if budget := config.get("monthlyBudgetUsd"):
        text = text.replace('"limitAmount": "35.00"', f'"limitAmount": "{budget}"')
    found: Mapping[str, Any] = json.loads(text)
    return found


@pytest.fixture(autouse=True)
def recorded_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    def several(_stack: str, configs: Sequence[Mapping[str, str]]) -> list[Mapping[str, Any]]:
        return [shown(config) for config in configs]

    monkeypatch.setattr(command, "graph", lambda _stack, config: shown(config))
    monkeypatch.setattr(command, "graphs", several)
    monkeypatch.setattr(variants, "graphs", several)


def cost(*words: str, code: int = 0) -> str:
    found = typer.testing.CliRunner().invoke(app, list(words))
    assert found.exit_code == code, found.output
    return found.output


def test_a_stack_is_shown_line_by_line() -> None:
    output = cost("dev", "--no-variants")
    assert "Streaming" in output
    assert "shards, 1" in output
    assert "28.85 USD a month, 31.20 without what is always free; the budget is 35.00: kept" in " ".join(
        output.split()
    )


def test_json_traces_every_line() -> None:
    found = json.loads(cost("dev", "--json", "--no-variants"))
    assert (found["usd_a_month"], found["budget_usd"], found["region"]) == ("28.85", "35.00", "us-east-1")
    (shards,) = [line for line in found["lines"] if line["price"] == "kinesis.shard-hour"]
    assert (shards["quantity"], shards["usd_each"], shards["sku"]) == ("730", "0.015", "7RXVY4V5SG8NQC38")
    assert shards["source"].endswith("kinesis.json")
    assert all(line["published"] and line["source"] for line in found["lines"])


def test_tiers_stand_side_by_side() -> None:
    output = cost("dev", "--compare")
    for word in (*TIERS, "18.14", "28.85", "79.36", "348.44", "30 - 50", "90 - 120"):
        assert word in output
    assert output.count("█") > 4
    two = json.loads(cost("dev", "--tier", "micro", "--tier", "standard", "--json"))
    assert [one["tier"] for one in two["tiers"]] == ["micro", "standard"]


def test_more_than_the_budget_fails() -> None:
    assert "the budget is 28.00: exceeded" in " ".join(
        cost("dev", "--no-variants", "--set", "monthlyBudgetUsd=28.00", code=1).split()
    )
    cost("dev", "--compare", "--set", "monthlyBudgetUsd=28.00", code=1)


def test_a_change_is_shown_line_by_line() -> None:
    """Office hours against all hours: 730 - 260.714 hours of two instances and their addresses."""
    found = json.loads(cost("dev", "--set", "schedule=always-on", "--against", "learning", "--json", code=1))
    lines = {(line["resource"], line["what"]): line for line in found["lines"]}
    medium = lines["orchestration-orchestration", "instance t4g.medium"]
    assert (medium["before_usd"][:4], medium["after_usd"]) == ("8.76", "24.5280")
    assert found["before_usd"] == "28.85"
    output = cost("dev", "--set", "schedule=always-on", "--against", "learning", code=1)
    assert "+15.77" in output
    assert "shards, 1" not in output


def test_a_preview_can_be_compared_with(tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    file.write_text(json.dumps(shown({"tier": "micro"})), encoding="utf-8")
    assert json.loads(cost("dev", "--against", str(file), "--json"))["before_usd"] == "18.14"


def test_what_saves_most_comes_first() -> None:
    found = json.loads(cost("dev", "--tier", "learning", "--json"))["variants"]
    assert [one["config"] for one in found] == [{"kinesisStreamMode": "on-demand"}]
    (stream,) = found
    assert stream["saves_usd"].startswith("-18.2")  # 730 hours: 0.040 for a stream, 0.015 for a shard
    output = cost("dev", "--tier", "learning")
    for words in ("costs more", "Amazon MWAA, small", "358.70 USD a month", "SageMaker"):
        assert words in output


def test_a_page_for_a_browser(tmp_path: Path) -> None:
    file = tmp_path / "costs.html"
    cost("dev", "--compare", "--html", str(file))
    text = file.read_text(encoding="utf-8")
    for word in (*TIERS, "348.44 USD", "7RXVY4V5SG8NQC38", "kinesis.json"):
        assert word in text
    assert "<script" not in text
    cost("dev", "--html", str(file))
    assert "Amazon MWAA, small" in file.read_text(encoding="utf-8")


def test_usage_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "usage.yaml"
    file.write_text("always_free: 0\n", encoding="utf-8")
    assert json.loads(cost("dev", "--usage", str(file), "--no-variants", "--json"))["usd_a_month"] == "31.20"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--usage", "none.yaml"], "--usage none.yaml: cannot be read"),
        (["--set", "nat"], "--set takes KEY=VALUE"),
        (["--compare", "--against", "micro"], "give at most one --tier"),
        (["--compare", "--usage", "cloudwatch"], "reads one running stack"),
        (["--against", "none.json"], "--against none.json: cannot be read"),
        (["--no-variants", "--html", "/none/x.html"], "--html /none/x.html: cannot be written"),
    ],
)
def test_a_wrong_option_is_refused(words: list[str], message: str) -> None:
    assert message in cost("dev", *words, code=2)


def test_a_region_to_renew_must_have_prices() -> None:
    assert "got mars-1, allowed: us-east-1, " in cost("refresh", "--region", "mars-1", code=2)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with an engine of its own, whose graphs say how they were asked for."""
    package = tmp_path / "ops" / "engine"
    package.mkdir(parents=True)
    package.joinpath("__init__.py").write_text(
        "class Deployment:\n    errors, exit_code = (), 0\n"
        "def run(program, **asked):\n    Deployment.asked = asked\n    return Deployment\n"
    )
    package.joinpath("report.py").write_text("def as_dict(deployment):\n    return deployment.asked\n")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "an engine"]):
        subprocess.run([*git, *words], check=True)
    monkeypatch.setattr(graphs, "PROGRAM", tmp_path)
    return tmp_path


def test_a_commit_is_priced_by_its_own_program(repository: Path) -> None:
    (repository / "ops" / "engine" / "__init__.py").write_text("raise SystemExit('not committed')")
    found = graphs.graph_at("HEAD", "dev", {"tier": "micro"})
    assert found == {"stack": "dev", "config": {"tier": "micro"}, "preview": False}


def test_an_unknown_commit_is_refused(repository: Path) -> None:
    with pytest.raises(CostError, match=r"--against nothing: allowed: a tier, a file .*, or a commit"):
        graphs.graph_at("nothing", "dev", {})
