"""The prices: dated, sourced, one file a group of services in `prices/`."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from ops.costs.model import CostError

FOLDER = Path(__file__).with_name("prices")
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-north-1")
_NO_PRICES = ("allowances", "sources", "spot")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a price was read and when that was published; `confirmed` is false for a stand-in."""

    what: str
    address: str
    published: date
    confirmed: bool = True


@dataclass(frozen=True, kw_only=True)
class Price:
    """US dollars for one `unit` in one region, with AWS's names for it in the Price List.

    `sku` is AWS's identifier of the product where the source gives it.
    """

    key: str
    unit: str
    usd: Decimal
    service: str
    usage_type: str
    source: Source
    sku: str = ""


@dataclass(frozen=True)
class Prices:
    """All prices of one region."""

    region: str
    prices: Mapping[str, Price]

    def __getitem__(self, key: str) -> Price:
        if key not in self.prices:
            group = key.partition(".")[0]
            known = ", ".join(sorted(one for one in self.prices if one.startswith(f"{group}.")))
            raise CostError(
                f"there is no price {key!r}; add it to a file of ops/costs/prices with its source"
                + (f". Those like it: {known}" if known else "")
            )
        return self.prices[key]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """What spot capacity costs as a share of the list price, and the range in which it moves."""

    share: Decimal
    low: Decimal
    high: Decimal


def spot(kind: str, folder: Path = FOLDER) -> Spot:
    """The spot share of `ec2` or `fargate`."""
    return Spot(**{name: Decimal(text) for name, text in read(folder / "spot.yaml")[kind].items()})


@functools.cache
def prices(region: str, folder: Path = FOLDER) -> Prices:
    """The prices of a region.

    Raises:
        CostError: no prices are recorded for the region.
    """
    if region not in REGIONS:
        raise CostError(
            f"no prices for region {region!r}; there are those of {', '.join(REGIONS)}. Price the stack in "
            "one of them with --set aws:region=us-east-1"
        )
    named = sources(folder)
    found = {}
    for file in price_files(folder):
        for key, entry in read(file).items():
            found[key] = _price(key, entry, region, named)
    return Prices(region, found)


def today() -> date:
    """The day by which prices are old or new, the same everywhere."""
    return datetime.now(UTC).date()


def price_files(folder: Path = FOLDER) -> list[Path]:
    """The files that hold prices."""
    return [file for file in sorted(folder.glob("*.yaml")) if file.stem not in _NO_PRICES]


def sources(folder: Path = FOLDER) -> Mapping[str, Source]:
    """Every source by its name."""
    return {name: Source(**entry) for name, entry in read(folder / "sources.yaml").items()}


def read(file: Path) -> dict[str, Any]:
    """A file's entries; amounts are text, so that no fraction is lost."""
    entries: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return entries


def _price(key: str, entry: Mapping[str, Any], region: str, named: Mapping[str, Source]) -> Price:
    usd = entry["usd"][region]
    if not isinstance(usd, str) or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", usd):
        raise CostError(f"price {key}, {region}: got {usd!r}, allowed: US dollars as text, such as '0.0336'")
    return Price(
        key=key,
        unit=entry["unit"],
        usd=Decimal(usd),
        service=entry["service"],
        usage_type=entry["usage type"],
        source=named[entry.get("sources", {}).get(region, entry["source"])],
        sku=entry.get("sku", {}).get(region, ""),
    )
