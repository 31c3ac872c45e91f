"""What a person asks of a sandbox, checked before anything starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.local.errors import LocalRunError
from ops.local.services import ROOT
from workloads.data.months import FIRST_MONTH, MonthError, valid_month

TIERS = ("micro", "learning", "standard", "production")


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of `python -m ops sandbox`; months are YYYY-MM, `tier` None means the stack's own."""

    stack: str = "dev"
    tier: str | None = None
    train: str = "2023-01"
    validate: str = "2023-02"
    stream: str = "2023-03"
    events: int = 10_000
    data: Path | None = None
    keep: bool = False
    serve: bool = False
    output: Path = ROOT / "build" / "sandbox"

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise LocalRunError("\n".join(problems))

    @property
    def months(self) -> tuple[str, ...]:
        """The months that are needed, each once, in order."""
        return tuple(dict.fromkeys((self.train, self.validate, self.stream)))

    def _problems(self) -> Iterator[str]:
        stacks = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
        if self.stack not in stacks:
            yield f"--stack: got {self.stack!r}, allowed: {', '.join(stacks)}"
        if self.tier is not None and self.tier not in TIERS:
            yield f"--tier: got {self.tier!r}, allowed: {', '.join(TIERS)}"
        for name in ("train", "validate", "stream"):
            month = getattr(self, name)
            try:
                valid_month(month)
            except MonthError:
                yield f"--{name}: got {month!r}, allowed: a month as YYYY-MM from {FIRST_MONTH} on"
            else:
                if name != "train" and month <= self.train:
                    yield f"--{name}: got {month!r}, allowed: a month after --train, {self.train}"
        if self.keep and self.serve:
            yield "--serve: got --keep too, which leaves things running; choose one of them"
        if self.events < 1:
            yield f"--events: got {self.events}, allowed: 1 or more"
        if self.data is not None and not self.data.is_dir():
            yield f"--data: got {str(self.data)!r}, which is not a folder; leave it out to fetch the months"
