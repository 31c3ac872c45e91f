"""Prices renewed from answers in the Price List API's own form, checked by botocore's model of it."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber

from ops.costs.prices import FOLDER, prices
from ops.costs.refresh import PREFIXES, refresh

RECORDED = json.loads((Path(__file__).parent / "price_list.json").read_text(encoding="utf-8"))
IRELAND, SINGAPORE = RECORDED.values()
DAY = date(2026, 11, 21)


def product(usage_type: str, sku: str, *steps: tuple[str, str]) -> dict[str, Any]:
    """The recorded answer for Ireland with another usage type, SKU, and prices by where they begin."""
    changed: dict[str, Any] = json.loads(json.dumps(IRELAND).replace("EU-Request", usage_type))
    changed["product"]["sku"] = sku
    (term,) = changed["terms"]["OnDemand"].values()
    (step,) = term["priceDimensions"].values()
    term["priceDimensions"] = {
        f"{sku}.{begin}": {**step, "beginRange": begin, "pricePerUnit": {"USD": usd}} for begin, usd in steps
    }
    return changed


class Api:
    """boto3's client with answers for the usage types that it is asked for."""

    def __init__(self) -> None:
        self.client: Any = boto3.client(
            "pricing", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.stub = Stubber(self.client)

    def answer(self, service: str, terms: Mapping[str, str], *pages: list[dict[str, Any]]) -> None:
        """Answers the next request for these terms, page by page."""
        asked: dict[str, Any] = {
            "ServiceCode": service,
            "FormatVersion": "aws_v1",
            "Filters": [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in terms.items()],
        }
        for number, page in enumerate(pages):
            more = {"NextToken": f"page-{number + 1}"} if number + 1 < len(pages) else {}
            answer = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in page], **more}
            self.stub.add_response("get_products", answer, asked if not number else None)


@pytest.fixture
def api() -> Iterator[Api]:
    found = Api()
    with found.stub:
        yield found
        found.stub.assert_no_pending_responses()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of prices with the requests to Lambda alone."""
    entry = yaml.safe_load((FOLDER / "lambda.yaml").read_text(encoding="utf-8"))["lambda.request.x86_64"]
    (tmp_path / "lambda.yaml").write_text(yaml.safe_dump({"lambda.request.x86_64": entry}), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text((FOLDER / "sources.yaml").read_text("utf-8"), encoding="utf-8")
    return tmp_path


def test_a_recorded_answer_confirms_the_price(api: Api, folder: Path) -> None:
    """The SKU in the file, which AWS's pricing page gave, is the one that the API answered with."""
    before = prices("eu-west-1", folder)["lambda.request.x86_64"]
    api.answer("AWSLambda", {"usagetype": "EU-Request"}, [IRELAND])
    outcome = refresh(api.client, ["eu-west-1"], DAY, folder)
    prices.cache_clear()
    after = prices("eu-west-1", folder)["lambda.request.x86_64"]
    assert (outcome.left, [one.after for one in outcome.renewed]) == ([], [before.usd])
    assert (after.sku, after.usd) == (before.sku, before.usd) == ("B5V2RNHAWGVJBZD3", before.usd)
    assert (after.source.published, after.source.confirmed) == (DAY, True)
    assert prices("us-east-1", folder)["lambda.request.x86_64"].source.published < DAY


def test_a_new_price_is_taken_over(api: Api, folder: Path) -> None:
    """Of steps, the first that is not free; pages are read to the last one."""
    new = product(
        "EU-Request", "NEW", ("0", "0.0000000000"), ("1000000", "0.0000002500"), ("9000000", "0.0000001")
    )
    api.answer("AWSLambda", {"usagetype": "EU-Request"}, [], [new])
    (renewed,) = refresh(api.client, ["eu-west-1"], DAY, folder).renewed
    assert (f"{renewed.before:f}", f"{renewed.after:f}") == ("0.0000002", "0.0000002500")
    prices.cache_clear()
    assert f"{prices('eu-west-1', folder)['lambda.request.x86_64'].usd:f}" == "0.00000025"


def test_services_differ_in_their_prefix(api: Api, folder: Path) -> None:
    api.answer("AWSLambda", {"usagetype": "Request"}, [])
    api.answer(
        "AWSLambda", {"usagetype": "USE1-Request"}, [product("USE1-Request", "ONE", ("0", "0.0000002"))]
    )
    assert refresh(api.client, ["us-east-1"], DAY, folder).left == []


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([[], [], []], "has no AWSLambda product with usage type Request"),
        ([[product("EU-Request", "FAR", ("0", "0.2"))]], "has 0.2 USD for FAR, here it is 0.0000002"),
        (
            [[product("EU-Request", "ONE", ("0", "0.1")), product("EU-Request", "TWO", ("0", "0.2"))]],
            "several products have usage type EU-Request: ONE, TWO",
        ),
    ],
)
def test_what_is_doubtful_is_left(
    api: Api, folder: Path, answers: list[list[dict[str, Any]]], why: str
) -> None:
    for prefix, page in zip((*PREFIXES["eu-west-1"], ""), answers, strict=False):
        api.answer("AWSLambda", {"usagetype": f"{prefix}Request"}, page)
    text = (folder / "sources.yaml").read_text("utf-8")
    outcome = refresh(api.client, ["eu-west-1"], DAY, folder)
    assert outcome.renewed == []
    (left,) = outcome.left
    assert why in left
    assert (folder / "sources.yaml").read_text("utf-8") == text


def test_the_documentations_example_is_understood(api: Api, tmp_path: Path) -> None:
    entry = {
        "unit": "GiB-month",
        "service": "AmazonEC2",
        "usage type": "APS1-EBS:VolumeUsage.piops",
        "match": {"volumeType": "Provisioned IOPS"},
        "source": "infracost",
        "usd": {"us-east-1": "0.125"},
    }
    (tmp_path / "ec2.yaml").write_text(yaml.safe_dump({"ebs.io1": entry}), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("", encoding="utf-8")
    terms = {"usagetype": "APS1-EBS:VolumeUsage.piops", "volumeType": "Provisioned IOPS"}
    api.answer("AmazonEC2", terms, [SINGAPORE])
    (renewed,) = refresh(api.client, ["us-east-1"], DAY, tmp_path).renewed
    assert f"{renewed.after:f}" == "0.1380000000"
