"""The recorded prices: complete, sourced, and honest about what no source confirmed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from components.common.instance_types import gpu_problem, is_gpu
from components.config.aws_types import instance_types
from ops.costs.model import CostError
from ops.costs.prices import FOLDER, REGIONS, price_files, prices, read, sources, spot
from ops.costs.report import footnotes
from tests.ops.costs.stacks import listed, resource

KEYS = [pytest.param(key, entry, id=key) for file in price_files() for key, entry in read(file).items()]


@pytest.mark.parametrize(("key", "entry"), KEYS)
def test_a_price_is_whole(key: str, entry: dict[str, dict[str, str]]) -> None:
    for region in REGIONS:
        price = prices(region)[key]
        assert price.usd > 0
        assert price.source.address.startswith("https://")
        assert (price.unit, price.service, price.usage_type) != ("", "", "")
    assert entry["usd"].keys() == set(REGIONS)


def test_keys_are_written_once() -> None:
    keys = [key for file in price_files() for key in read(file)]
    assert len(keys) == len(set(keys))


def test_sources_are_used() -> None:
    entries = [entry for file in price_files() for entry in read(file).values()]
    used = {name for entry in entries for name in (entry["source"], *entry.get("sources", {}).values())}
    assert used == sources().keys()


def test_us_east_1_is_confirmed() -> None:
    """Of what the tiers have; the backups of shared files and the schedules come to cents."""
    doubtful = {key for key, price in prices("us-east-1").prices.items() if not price.source.confirmed}
    assert not {key for key in doubtful if key.startswith(("ec2.", "nat", "kinesis", "fargate", "lambda"))}


@pytest.mark.parametrize("kind", ["ec2", "fargate"])
def test_spot_is_within_its_range(kind: str) -> None:
    found = spot(kind)
    assert Decimal(0) < found.low <= found.share <= found.high < Decimal(1)


def test_other_regions_are_refused() -> None:
    with pytest.raises(CostError, match=r"no prices for region 'ap-south-1'; there are those of us-east-1, "):
        prices("ap-south-1")


def test_an_amount_must_be_text(tmp_path: Path) -> None:
    """A number in YAML is a binary fraction, in which a price loses digits."""
    for name in ("sources.yaml", "kinesis.yaml"):
        text = (FOLDER / name).read_text(encoding="utf-8").replace("us-east-1: '0.015'", "us-east-1: 0.015")
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(
        CostError, match=r"price kinesis.shard-hour, us-east-1: got 0.015, allowed: US dollars"
    ):
        prices("us-east-1", tmp_path)


@pytest.mark.parametrize(("day", "old"), [(date(2026, 1, 31), False), (date(2026, 3, 1), True)])
def test_a_report_says_when_prices_are_old(day: date, old: bool) -> None:
    """Kinesis' are of 2025-11-04."""
    found = [
        note for note in footnotes(listed(resource("aws:kinesis/stream:Stream")), day) if "oldest" in note
    ]
    assert bool(found) == old
    if found:
        assert "2025-11-04, 117 days ago; `python -m ops cost refresh`" in found[0]


def test_a_report_names_what_is_not_confirmed() -> None:
    database = resource("aws:rds/instance:Instance", instanceClass="db.t4g.micro", storageType="gp3")
    found = listed(database, region="eu-north-1")
    (note,) = [note for note in footnotes(found, date(2025, 11, 5)) if "not confirmed" in note]
    # 730 x 0.017 + 20 x 0.127
    assert note == (
        "not confirmed by a source for eu-north-1, 14.95 USD of the sum: rds.db.t4g.micro, rds.gp3"
    )


def test_types_with_a_gpu_have_prices() -> None:
    """All sizes that EC2 has of each family with a driver; the newest came after the list."""
    newer = {"g6f", "g7", "g7e", "gr6f", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200", "p6e-gb300"}
    known = prices("us-east-1").prices
    wanted = {one for one in instance_types() if is_gpu(one) and gpu_problem(one) is None}
    missing = {one for one in wanted if f"ec2.{one}" not in known} - {"p5.4xlarge"}
    assert {one.split(".")[0] for one in missing} <= newer
    assert len(wanted - missing) > 40
