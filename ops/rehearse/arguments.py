"""Looks for secrets in the arguments of processes, which every user of a machine can read."""

import re
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ops.local.errors import LocalRunError

SHORTEST = 16  # shorter values beside secrets are user names; generated secrets have 32 characters or more
PAUSE_SECONDS = 0.1


def secret_values(environments: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """What must not be seen of environments that hold secrets alone: values, and the passwords of URLs."""
    values = {value for each in environments for value in each.values()}
    passwords = {urlsplit(value).password or "" for value in values if "://" in value}
    return frozenset(value for value in values | passwords if len(value) >= SHORTEST)


def env_files(folder: Path) -> list[dict[str, str]]:
    """The variables of each `*.env` file in a folder."""
    lines = [file.read_text().splitlines() for file in sorted(folder.glob("*.env"))]
    return [{line.partition("=")[0]: line.partition("=")[2] for line in each} for each in lines]


@contextmanager
def no_secrets_in_arguments(secrets: Collection[str]) -> Iterator[set[str]]:
    """Looks at all processes of this machine, containers' too, ten times a second while the block runs.

    Gives what has been found so far.

    Raises:
        LocalRunError: a process had a secret in its arguments; with those, but not the secret.
    """
    found: set[str] = set()
    pattern = re.compile(b"|".join(re.escape(secret.encode()) for secret in sorted(secrets)))
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(PAUSE_SECONDS):
            found.update(_exposed(pattern))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
        found.update(_exposed(pattern))
    finally:
        ended.set()
        watcher.join()
    if found:
        raise LocalRunError(
            "secrets stand in the arguments of processes, where every user of the machine can read them; "
            "pass them in the environment or in a file:\n" + "\n".join(sorted(found))
        )


def _exposed(pattern: re.Pattern[bytes]) -> Iterator[str]:
    """The arguments of every process that has a secret in them; none where there is no /proc."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = file.read_bytes()
        except OSError:  # it ended while this looked
            continue
        if pattern.search(arguments):
            yield pattern.sub(b"***", arguments).replace(b"\0", b" ").decode(errors="replace").strip()
