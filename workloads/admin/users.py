"""Who is asking, and what they may do."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["admin", "viewer"]


@dataclass(frozen=True, kw_only=True)
class User:
    """A person: `admin` uses the buttons, `viewer` looks."""

    name: str
    role: Role

    @property
    def may_change(self) -> bool:
        """Whether the user may do what the buttons do."""
        return self.role == "admin"
