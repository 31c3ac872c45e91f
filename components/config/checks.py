"""What no section can see on its own."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.common.names import bucket_name
from components.config.types import camel

if TYPE_CHECKING:
    from components.settings import Settings

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_LONGEST_BUCKET = "monitoring-reports"


def aws_keys(keys: Iterable[str]) -> Iterator[str]:
    """The keys of the namespace `aws:` that the provider does not know."""
    known = [camel(name) for name in inspect.signature(aws.ProviderArgs).parameters]
    for key in keys:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            hint = f"; did you mean aws:{close[0]}?" if close else ""
            yield f"aws:{key}: not an option of the AWS provider{hint}"


def _bucket_names(settings: "Settings") -> Iterator[str]:
    name = bucket_name(_LONGEST_BUCKET, settings.storage.bucket_suffix)
    if not _BUCKET_NAME.fullmatch(name):
        yield (
            f"bucketSuffix: got {settings.storage.bucket_suffix!r}, which names a bucket {name!r}, allowed: "
            f"63 of a-z, 0-9 and -, not {len(name)}; change bucketSuffix or the stack's name"
        )


ACROSS_SECTIONS: tuple[Callable[["Settings"], Iterator[str]], ...] = (_bucket_names,)
