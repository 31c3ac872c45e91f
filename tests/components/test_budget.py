"""The budget: a monthly limit over the stack's own costs, and whom AWS tells."""

import pytest

from components.budget import MonthlyBudget, MonthlyBudgetArgs
from components.budget.settings import BudgetSettings
from components.settings import Settings, SettingsError
from tests.components.conftest import Deploy, Deployed


def made(deploy: Deploy, usd: float, email: str = "") -> Deployed:
    settings = BudgetSettings(monthly_budget_usd=usd, cost_anomaly_usd=12.5)
    return deploy(lambda: MonthlyBudget("budget", MonthlyBudgetArgs(settings=settings, alarm_email=email)))


def test_it_counts_what_carries_the_stacks_tags(deploy: Deploy) -> None:
    inputs = made(deploy, 35.5).one("Budget").inputs
    limit = {name: inputs[name] for name in ("name", "limitAmount", "limitUnit", "timeUnit", "budgetType")}
    assert limit == {
        "name": "mlops-taxi-prediction-monthly-dev",
        "limitAmount": "35.50",
        "limitUnit": "USD",
        "timeUnit": "MONTHLY",
        "budgetType": "COST",
    }
    assert inputs["filterExpression"]["ands"] == [
        {"tags": {"key": "Project", "values": ["mlops-taxi-prediction"]}},
        {"tags": {"key": "Environment", "values": ["dev"]}},
    ]


def test_the_alarm_address_is_told_of_forecast_and_actual(deploy: Deploy) -> None:
    notifications = made(deploy, 20, "alarms@example.com").one("Budget").inputs["notifications"]
    assert {(one["notificationType"], one["threshold"]) for one in notifications} == {
        ("FORECASTED", 100),
        ("ACTUAL", 80),
        ("ACTUAL", 100),
    }
    assert {tuple(one["subscriberEmailAddresses"]) for one in notifications} == {("alarms@example.com",)}


def test_nobody_is_told_without_an_address(deploy: Deploy) -> None:
    assert not made(deploy, 20).one("Budget").inputs.get("notifications")


def test_unusual_costs_are_told_of(deploy: Deploy) -> None:
    """Those of the stack's tag, to the same address; nothing is made without one."""
    deployed = made(deploy, 0, "alarms@example.com")
    monitor = deployed.one("AnomalyMonitor").inputs["monitorSpecification"]
    assert monitor == {"Tags": {"Key": "Environment", "Values": ["dev"]}}
    subscription = deployed.one("AnomalySubscription").inputs
    assert subscription["subscribers"] == [{"type": "EMAIL", "address": "alarms@example.com"}]
    assert subscription["thresholdExpression"]["dimension"]["values"] == ["12.5"]
    assert made(deploy, 20).all("AnomalyMonitor") == []


def test_zero_is_no_budget(deploy: Deploy) -> None:
    assert made(deploy, 0).all("Budget") == []


@pytest.mark.parametrize(
    ("tier", "usd"), [("micro", 20), ("learning", 35), ("standard", 85), ("production", 0)]
)
def test_tiers_bring_their_budgets(tier: str, usd: int) -> None:
    assert Settings.from_config({"tier": tier}).budget.monthly_budget_usd == usd


@pytest.mark.parametrize("value", ["-1", "ten", "nan", "10000001"])
def test_what_is_no_amount_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="monthlyBudgetUsd: got "):
        Settings.from_config({"monthlyBudgetUsd": value})
