"""The dashboard's body: every alarm at the top, then a row of graphs for each group of panels.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.common.monitored import Expression, LogPanel, Metric, Panel

_COLUMNS, _WIDTH, _HEIGHT = 24, 8, 6
_ALARMS = 100  # of one alarm widget
_BILLING_REGION = "us-east-1"  # where AWS reports an account's charges, for all regions


def dashboard_body(
    panels: Sequence[Panel | LogPanel],
    alarm_arns: Sequence[pulumi.Input[str]],
    region: pulumi.Input[str],
    *,
    costs: bool = True,
) -> dict[str, Any]:
    """The body as CloudWatch reads it; metrics inside may be outputs."""
    alarms = {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": _COLUMNS,
        "height": _HEIGHT,
        "properties": {"title": "Alarms", "alarms": list(alarm_arns[:_ALARMS])},
    }
    widgets: list[dict[str, Any]] = [alarms]
    top = _HEIGHT
    groups: dict[str, list[Panel | LogPanel]] = {}
    for panel in panels:
        groups.setdefault(panel.group, []).append(panel)
    for group, members in groups.items():
        widgets.append(_heading(group, top))
        top += 1
        for index, panel in enumerate(members):
            across, down = index % (_COLUMNS // _WIDTH), index // (_COLUMNS // _WIDTH)
            at = {"x": _WIDTH * across, "y": top + _HEIGHT * down, "width": _WIDTH, "height": _HEIGHT}
            if isinstance(panel, LogPanel):
                widgets.append({"type": "log", **at, "properties": _found(panel, region)})
            else:
                widgets.append({"type": "metric", **at, "properties": _graph(panel, region)})
        top += _HEIGHT * -(-len(members) // (_COLUMNS // _WIDTH))
    if costs:
        widgets += [_heading("Costs of the account", top), _costs(top + 1)]
    return {"widgets": widgets}


def _heading(text: str, top: int) -> dict[str, Any]:
    at = {"x": 0, "y": top, "width": _COLUMNS, "height": 1}
    return {"type": "text", **at, "properties": {"markdown": f"## {text}"}}


def _found(panel: LogPanel, region: pulumi.Input[str]) -> dict[str, Any]:
    query = pulumi.Output.all(*panel.log_groups).apply(
        lambda names: " | ".join([*(f"SOURCE '{name}'" for name in names), panel.text])
    )
    return {"title": panel.title, "query": query, "region": region, "view": "timeSeries"}


def _graph(panel: Panel, region: pulumi.Input[str]) -> dict[str, Any]:
    drawn: list[Any] = []
    for index, metric in enumerate(panel.metrics):
        if isinstance(metric, Expression):
            drawn.append([{"expression": metric.formula, "label": metric.label, "id": f"e{index}"}])
            drawn += [_drawn(one, id=id_, visible=False) for id_, one in metric.metrics.items()]
        else:
            drawn.append(_drawn(metric))
    return {"title": panel.title, "metrics": drawn, "region": region, "view": "timeSeries"}


def _drawn(metric: Metric, **options: Any) -> list[Any]:
    """A metric as dashboards write it: namespace, name, dimensions in turn, options."""
    flat = [part for dimension in metric.dimensions.items() for part in dimension]
    shown: Mapping[str, Any] = {
        "stat": metric.statistic,
        "period": metric.period_seconds,
        **({"label": metric.label} if metric.label else {}),
        **options,
    }
    return [metric.namespace, metric.name, *flat, dict(shown)]


def _costs(top: int) -> dict[str, Any]:
    """What AWS reckons for the month; it reports it once billing alerts are switched on in the account."""
    properties = {
        "title": "Estimated charges of the month, USD",
        "metrics": [["AWS/Billing", "EstimatedCharges", "Currency", "USD", {"stat": "Maximum"}]],
        "region": _BILLING_REGION,
        "period": 21_600,
        "view": "timeSeries",
    }
    at = {"x": 0, "y": top, "width": _WIDTH, "height": _HEIGHT}
    return {"type": "metric", **at, "properties": properties}
