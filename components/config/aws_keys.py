"""The keys of the namespace `aws:`, which the AWS provider reads."""

import inspect
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import pulumi_aws as aws

from components.config.keys import camel


def unknown_aws_keys(keys: Iterable[str]) -> Iterator[str]:
    """A sentence for each of `keys` (without their namespace) that the provider does not know."""
    known = [camel(name) for name in inspect.signature(aws.ProviderArgs).parameters]
    for key in keys:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            hint = f"; did you mean aws:{close[0]}?" if close else ""
            yield f"aws:{key}: not an option of the AWS provider{hint}"
