"""Settings of the budget."""

from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.config.keys import SECTION, Section, key

_MOST_USD = 1_000_000


@dataclass(frozen=True, kw_only=True, config=SECTION)
class BudgetSettings(Section):
    """What the stack may cost."""

    title: ClassVar[str] = "Budget"

    monthly_budget_usd: Annotated[float, Field(ge=0, le=_MOST_USD, allow_inf_nan=False)] = key(
        "US dollars that the stack may cost a month; `python -m ops cost` fails above it, and AWS tells "
        "alarmEmail; 0 sets no budget",
        micro=20,
        learning=35,
        standard=85,
        production=0,
    )
    cost_anomaly_usd: Annotated[float, Field(ge=0, le=_MOST_USD, allow_inf_nan=False)] = key(
        "US dollars above the usual at which AWS tells alarmEmail of unusual costs, daily; 0 watches none",
        micro=5,
        learning=5,
        standard=10,
        production=50,
    )
