"""A budget of AWS for the stack's own costs, and what tells of unusual ones."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.budget.settings import BudgetSettings
from components.common.names import physical_name

# Of the forecast and of what has been spent, in percent of the limit.
_NOTIFICATIONS = (("FORECASTED", 100), ("ACTUAL", 80), ("ACTUAL", 100))


@dataclass(frozen=True, kw_only=True)
class MonthlyBudgetArgs:
    """The settings, and whom to tell; an empty address tells nobody."""

    settings: BudgetSettings
    alarm_email: str = ""


class MonthlyBudget(pulumi.ComponentResource):
    """A monthly budget over what carries the stack's tags; nothing where the limit is 0.

    ::

        MonthlyBudget("budget", MonthlyBudgetArgs(settings=BudgetSettings(monthly_budget_usd=35)))

    AWS counts by tags that are activated as cost allocation tags: Project and Environment.
    """

    def __init__(
        self, name: str, args: MonthlyBudgetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mlops:index:MonthlyBudget", name, None, opts)
        if args.settings.monthly_budget_usd:
            aws.budgets.Budget(
                f"{name}-monthly",
                name=physical_name("monthly"),
                budget_type="COST",
                time_unit="MONTHLY",
                limit_amount=f"{args.settings.monthly_budget_usd:.2f}",
                limit_unit="USD",
                metrics="UnblendedCost",
                filter_expression={
                    "ands": [
                        {"tags": {"key": "Project", "values": [pulumi.get_project()]}},
                        {"tags": {"key": "Environment", "values": [pulumi.get_stack()]}},
                    ]
                },
                notifications=[
                    {
                        "notification_type": type_,
                        "comparison_operator": "GREATER_THAN",
                        "threshold": percent,
                        "threshold_type": "PERCENTAGE",
                        "subscriber_email_addresses": [args.alarm_email],
                    }
                    for type_, percent in _NOTIFICATIONS
                    if args.alarm_email
                ],
                opts=pulumi.ResourceOptions(parent=self),
            )
        if args.settings.cost_anomaly_usd and args.alarm_email:
            self._anomalies(name, args)
        self.register_outputs({})

    def _anomalies(self, name: str, args: MonthlyBudgetArgs) -> None:
        """Tells of costs that are unusual for the stack, whatever the budget."""
        opts = pulumi.ResourceOptions(parent=self)
        mine = {"Tags": {"Key": "Environment", "Values": [pulumi.get_stack()]}}
        monitor = aws.costexplorer.AnomalyMonitor(
            f"{name}-anomalies",
            name=physical_name("costs"),
            monitor_type="CUSTOM",
            monitor_specification=json.dumps(mine),
            opts=opts,
        )
        aws.costexplorer.AnomalySubscription(
            f"{name}-anomalies",
            name=physical_name("costs"),
            frequency="DAILY",
            monitor_arn_lists=[monitor.arn],
            subscribers=[{"type": "EMAIL", "address": args.alarm_email}],
            threshold_expression={
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "match_options": ["GREATER_THAN_OR_EQUAL"],
                    "values": [f"{args.settings.cost_anomaly_usd:g}"],
                }
            },
            opts=opts,
        )
