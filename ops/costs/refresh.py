"""Renews the prices from the AWS Price List Query API.

The API: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html.
A product's usage type carries its region: `EU-BoxUsage:t4g.micro` is a t4g.micro in Ireland.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import yaml

from ops.costs.model import CostError
from ops.costs.prices import FOLDER, price_files, read

# What usage types of a region begin with; services differ, so each is tried in turn.
PREFIXES: Mapping[str, Sequence[str]] = {
    "us-east-1": ("", "USE1-"),
    "us-west-2": ("USW2-",),
    "eu-west-1": ("EU-", "EUW1-"),
    "eu-north-1": ("EUN1-",),
}
_EVERYWHERE = ("",)  # what has one price for the world
# A price that moves further than this is no change of price but another product, for a person to look at.
_FURTHEST = 5


class Pricing(Protocol):
    """boto3's `pricing` client, as far as it is used."""

    def get_products(self, **request: Any) -> Mapping[str, Any]:
        """One page of `GetProducts`; `PriceList` holds a JSON text a product."""
        ...


@dataclass(frozen=True, kw_only=True)
class Renewed:
    """A price as it was and as the API has it."""

    key: str
    region: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a refresh came to: prices that were confirmed or changed, and why others were left as they are."""

    renewed: Sequence[Renewed]
    left: Sequence[str]


def refresh(client: Pricing, regions: Sequence[str], today: date, folder: Path = FOLDER) -> Outcome:
    """Asks for every price in `regions` and writes the files in `folder` again."""
    name = f"price-list-{today}"
    renewed: list[Renewed] = []
    left: list[str] = []
    for file in price_files(folder):
        entries = read(file)
        for key, entry in entries.items():
            for region in regions:
                try:
                    renewed.append(_renew(client, key, entry, region, name))
                except CostError as error:
                    left.append(f"{key}, {region}: {error}")
        file.write_text(
            yaml.safe_dump(entries, default_flow_style=None, sort_keys=False, width=1000), encoding="utf-8"
        )
    if renewed:
        _add_source(folder / "sources.yaml", name, today)
    return Outcome(renewed=renewed, left=left)


def _renew(client: Pricing, key: str, entry: dict[str, Any], region: str, source: str) -> Renewed:
    """Puts the API's price into `entry`."""
    before = Decimal(entry["usd"][region])
    sku, after = _lookup(client, entry, region)
    if not before / _FURTHEST <= after <= before * _FURTHEST:
        raise CostError(
            f"the Price List has {after:f} USD for {sku}, here it is {before:f}; check the product"
        )
    entry["usd"][region] = f"{after.normalize():f}"
    entry.setdefault("sku", {})[region] = sku
    entry.setdefault("sources", {})[region] = source
    return Renewed(key=key, region=region, before=before, after=after)


def _lookup(client: Pricing, entry: Mapping[str, Any], region: str) -> tuple[str, Decimal]:
    """The SKU and the price of an entry's product in a region."""
    suffix = entry["usage type"].replace("{region}", region)
    prefixes = _EVERYWHERE if suffix != entry["usage type"] else (*PREFIXES[region], *_EVERYWHERE)
    for prefix in dict.fromkeys(prefixes):
        terms = {"usagetype": prefix + suffix, **entry.get("match", {})}
        found = {
            sku: usd for product in _products(client, entry["service"], terms) for sku, usd in _rates(product)
        }
        if len(set(found.values())) > 1:
            raise CostError(f"several products have usage type {prefix + suffix}: {', '.join(sorted(found))}")
        if found:
            return next(iter(found.items()))
    raise CostError(f"the Price List has no {entry['service']} product with usage type {suffix}")


def _products(client: Pricing, service: str, terms: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    request: dict[str, Any] = {
        "ServiceCode": service,
        "FormatVersion": "aws_v1",
        "Filters": [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in terms.items()],
    }
    while True:
        answer = client.get_products(**request)
        yield from (json.loads(text) for text in answer["PriceList"])
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


def _rates(product: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """The on-demand price of a product: its first step that is not free."""
    for term in product["terms"].get("OnDemand", {}).values():
        steps = sorted(term["priceDimensions"].values(), key=lambda step: Decimal(step["beginRange"]))
        for step in steps:
            usd = Decimal(step["pricePerUnit"].get("USD", 0))
            if usd:
                yield product["product"]["sku"], usd
                break


def _add_source(file: Path, name: str, today: date) -> None:
    text = file.read_text(encoding="utf-8")
    if f"\n{name}:" not in text:
        lines = (
            f"{name}:",
            "  what: the AWS Price List Query API",
            "  address: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html",
            f"  published: {today}",
        )
        file.write_text(text.rstrip("\n") + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
