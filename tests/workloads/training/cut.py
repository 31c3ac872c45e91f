"""A process that ends between two steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def cut_after(owner: Any, step: str) -> Iterator[None]:
    """Within it, what calls the function `step` of `owner` ends with the call."""
    call = getattr(owner, step)

    def cut(*arguments: Any) -> None:
        call(*arguments)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, step, cut)
        yield
