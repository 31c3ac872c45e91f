"""CloudWatch's documented rules: when a metric alarm or a composite alarm changes its state.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Value = float | None  # None: no data point
_BEYOND: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_MORE = 2  # periods that are looked at besides the evaluated ones, as in the documentation's examples
_ARITHMETIC: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What decides about a metric alarm's state: M of N periods beyond the threshold."""

    threshold: float
    comparison: str
    periods: int
    datapoints: int
    missing: str

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> "Rule":
        """The rule of a MetricAlarm with these inputs."""
        periods = inputs["evaluationPeriods"]
        return cls(
            threshold=inputs["threshold"],
            comparison=inputs["comparisonOperator"],
            periods=periods,
            datapoints=inputs.get("datapointsToAlarm") or periods,
            missing=inputs.get("treatMissingData", "missing"),
        )

    def breaches(self, value: float) -> bool:
        """Whether the value is beyond the threshold."""
        return _BEYOND[self.comparison](value, self.threshold)

    def state(self, points: Sequence[Value], before: State) -> State:
        """The state after `points`, the newest of them last, of an alarm that was in `before`."""
        looked_at = [None if one is None else self.breaches(one) for one in points[-self.periods - _MORE :]]
        there = [one for one in looked_at if one is not None]
        if len(there) >= self.periods:
            return self._by_count(sum(there[-self.periods :]))
        if self.missing in ("breaching", "notBreaching"):
            filled = (self.periods - len(there)) * (self.missing == "breaching")
            return self._by_count(sum(there) + filled)
        undecided: State = before if self.missing == "ignore" else "INSUFFICIENT_DATA"
        if sum(there) >= self.datapoints:
            return "ALARM"
        if not all(there):
            return "OK"
        # Nothing but breaching points: in alarm once the oldest of them is as old as the alarm asks for.
        oldest = len(looked_at) - looked_at.index(True) if there else 0
        old_enough = oldest >= self.datapoints and self.missing == "missing"
        return "ALARM" if old_enough else undecided

    def _by_count(self, breaching: int) -> State:
        return "ALARM" if breaching >= self.datapoints else "OK"


def states(rule: Rule, points: Sequence[Value], first: State = "INSUFFICIENT_DATA") -> list[State]:
    """The state after each point."""
    found: list[State] = []
    for count in range(1, len(points) + 1):
        found.append(rule.state(points[:count], found[-1] if found else first))
    return found


def math(formula: str, values: Mapping[str, Value]) -> Value:
    """One point of metric math: arithmetic, comparisons, AND, IF and FILL with a number.

    Without a value of a metric that is not filled there is no point.
    """
    return _value(ast.parse(formula.replace(" AND ", " and "), mode="eval").body, values)


def _value(node: ast.AST, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.Call(func=ast.Name(id="FILL"), args=[series, ast.Constant(value=number)]):
            found = _value(series, values)
            return float(str(number)) if found is None else found
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            chosen = _value(condition, values)
            return None if chosen is None else _value(then if chosen else otherwise, values)
        case ast.BoolOp(op=ast.And(), values=parts):
            found_parts = [_value(part, values) for part in parts]
            return None if None in found_parts else float(all(found_parts))
        case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
            one, other = _value(left, values), _value(right, values)
            return None if one is None or other is None else float(_ARITHMETIC[type(op)](one, other))
    raise ValueError(f"{ast.unparse(node)}: metric math that this evaluator does not know")


def composite(rule: str, known: Mapping[str, State]) -> State:
    """The state by a rule of ALARM("..."), OR, AND and NOT over the states of other alarms."""
    words = re.sub(r'ALARM\("([^"]+)"\)', lambda found: str(known[found[1]] == "ALARM"), rule)
    python = words.replace(" OR ", " or ").replace(" AND ", " and ").replace("NOT ", "not ")
    return "ALARM" if _truth(ast.parse(python, mode="eval").body) else "OK"


def _truth(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=bool() as value):
            return value
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(_truth(part) for part in parts)
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_truth(part) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _truth(inner)
    raise ValueError(f"{ast.unparse(node)}: a rule that this evaluator does not know")
