"""The evaluator of alarms against the examples in CloudWatch's documentation.

The tables are those of doc_source/AlarmThatSendsEmail.md in
https://github.com/awsdocs/amazon-cloudwatch-user-guide and of
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html:
0 is within the threshold, X beyond it, - missing.
"""

import pytest

from tests.components.monitoring.evaluator import Rule, State, Value, composite, math, states

POINTS: dict[str, Value] = {"0": 0.0, "X": 2.0, "-": None}
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
KEPT = "retain"
# The five rows of the guide's first table, of 3 out of 3.
THREE_OF_THREE = [
    ("0 - X - X", "OK", "OK", "OK", "OK"),
    ("0 - - - -", "OK", "OK", "OK", "OK"),
    ("- - - - -", "INSUFFICIENT_DATA", KEPT, "ALARM", "OK"),
    ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", "ALARM", KEPT, "ALARM", "OK"),
]
# No rows of it, but its rules: a gap is filled only where it must be, and of "premature transitions"
# that the newest points are too young, while one "during the evaluation range" is old enough.
BY_ITS_RULES = [
    ("- - - - 0", "OK", "OK", "OK", "OK"),
    ("- - - - X", "INSUFFICIENT_DATA", KEPT, "ALARM", "OK"),
    ("- - - X -", "INSUFFICIENT_DATA", KEPT, "ALARM", "OK"),
    ("X - - - -", "ALARM", KEPT, "ALARM", "OK"),
]
# The five rows of its second table, of 2 out of 3.
TWO_OF_THREE = [
    ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", "OK", "OK", "ALARM", "OK"),
    ("- - - X -", "ALARM", KEPT, "ALARM", "OK"),
]


def rule(*, of: int = 3, datapoints: int = 3, missing: str = "missing") -> Rule:
    return Rule(
        threshold=1, comparison="GreaterThanThreshold", periods=of, datapoints=datapoints, missing=missing
    )


@pytest.mark.parametrize("before", ["OK", "ALARM"])
@pytest.mark.parametrize(
    ("datapoints", "row"),
    [*((3, row) for row in (*THREE_OF_THREE, *BY_ITS_RULES)), *((2, row) for row in TWO_OF_THREE)],
    ids=str,
)
def test_missing_data_as_documented(datapoints: int, row: tuple[str, ...], before: State) -> None:
    drawn, *expected = row
    points = [POINTS[one] for one in drawn.split()]
    found = [rule(datapoints=datapoints, missing=one).state(points, before) for one in TREATMENTS]
    assert found == [before if one == KEPT else one for one in expected]


def test_three_periods_as_in_the_documentations_figure() -> None:
    """Over the threshold in periods 3 to 5 and 9: in alarm after the fifth, and OK after the sixth."""
    points = [0, 0, 2, 2, 2, 0, 0, 0, 2, 0]
    assert states(rule(), points) == [*["OK"] * 4, "ALARM", *["OK"] * 5]


@pytest.mark.parametrize(
    ("comparison", "value", "beyond"),
    [
        ("GreaterThanThreshold", 1, False),
        ("GreaterThanOrEqualToThreshold", 1, True),
        ("LessThanThreshold", 1, False),
        ("LessThanOrEqualToThreshold", 1, True),
    ],
)
def test_the_threshold_itself(comparison: str, value: float, beyond: bool) -> None:
    one = Rule(threshold=1, comparison=comparison, periods=1, datapoints=1, missing="missing")
    assert one.breaches(value) == beyond


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a + b", None),
        ("FILL(a, 0) + b", None),
        ("FILL(b, 5) - 1", 4),
        ("100 * c / d", 50),
        ("IF(c > 1 AND FILL(b, 0) == 0, 1, 0)", 1),
        ("IF(c < 1, 1, 0)", 0),
    ],
)
def test_metric_math(formula: str, expected: float | None) -> None:
    assert math(formula, {"a": 1, "b": None, "c": 2, "d": 4}) == expected


def test_composite_rules() -> None:
    known: dict[str, State] = {"a": "OK", "b": "ALARM", "c": "INSUFFICIENT_DATA"}
    assert composite('ALARM("a") OR ALARM("b")', known) == "ALARM"
    assert composite('ALARM("a") OR ALARM("c")', known) == "OK"
    assert composite('ALARM("b") AND NOT ALARM("a")', known) == "ALARM"
