"""Several tiers at once: most of a rehearsal is waiting for containers to start."""

import threading
from collections.abc import Callable, Mapping

from ops.local.errors import LocalRunError


def side_by_side(actions: Mapping[str, Callable[[], None]]) -> None:
    """Does each in a thread of its own, and returns when all are done; an interrupt waits for none of them.

    Raises:
        LocalRunError: what failed, each with its name; all have ended by then.
    """
    failures: dict[str, Exception] = {}

    def run(name: str, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            failures[name] = error

    # Daemons, so that the process ends with its main thread.
    threads = [threading.Thread(target=run, args=each, daemon=True) for each in actions.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in failures.values():
        if not isinstance(error, LocalRunError):
            raise error
    if failures:
        raise LocalRunError("\n".join(f"{name}: {error}" for name, error in failures.items()))
