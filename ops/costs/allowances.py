"""What AWS takes off every account's bill each month, without an end."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from ops.costs.model import Line
from ops.costs.prices import FOLDER, read

COMPONENT = "Always free"
_ACCOUNT = "account"


def allowances(lines: Sequence[Line], share: Decimal, folder: Path = FOLDER) -> Iterator[Line]:
    """Lines that take off what is free of `lines`; `share`, 0 to 1, is what of it this stack may use."""
    for what, entry in read(folder / "allowances.yaml").items():
        left = Decimal(entry["quantity"]) * share
        for price in entry["prices"]:
            used = [line for line in lines if line.price == price]
            taken = min(left, sum((line.quantity for line in used), Decimal(0)))
            left -= taken
            if taken:
                yield Line(
                    component=COMPONENT,
                    resource=_ACCOUNT,
                    what=f"{entry['quantity']:,} {what}",
                    quantity=-taken,
                    unit=used[0].unit,
                    price=price,
                    usd_each=used[0].usd_each,
                    note=str(entry["address"]),
                )
