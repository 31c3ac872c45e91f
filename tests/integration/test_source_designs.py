"""docs/settings-of-the-source-designs.md names keys and files that exist, and values that the keys take."""

import json
import re
from pathlib import Path

import pytest

from components.settings import Settings, config_keys

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/settings-of-the-source-designs.md").read_text()
ROWS = [line.split("|") for line in TABLE.splitlines() if line.startswith("| ") and "line of the" not in line]
PAIR = re.compile(r"`(?P<key>[A-Za-z:]+)` = `(?P<value>[^`]+)`")
FILE = re.compile(r"`(components/[a-z_/]+\.py)`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1].strip())
def test_a_line_of_the_source_designs_can_be_had(row: list[str]) -> None:
    pairs = {match["key"]: match["value"] for match in PAIR.finditer(row[2])}
    own = {key: value for key, value in pairs.items() if not key.startswith("aws:")}
    assert own.keys() <= config_keys()
    settings = Settings.from_config(own)
    reached = {
        _camel(field): value
        for section in vars(settings).values()
        if hasattr(section, "__dataclass_fields__")
        for field, value in vars(section).items()
    }
    for key, value in own.items():
        assert _plain(reached[key]) == _plain(value)
    files = FILE.findall(row[2])
    assert all((ROOT / file).is_file() for file in files)
    assert pairs or files or "none to set" in row[2]


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _plain(value: object) -> object:
    """Config text and a setting's value in the same terms."""
    try:
        return json.loads(value if isinstance(value, str) else json.dumps(value))
    except ValueError:
        return value
