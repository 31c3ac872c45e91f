"""The one AWS provider that every component uses."""

from collections.abc import Mapping
from typing import Any

import pulumi_aws as aws

from components.common.names import standard_tags


def aws_provider(options: Mapping[str, Any], *, tier: str) -> aws.Provider:
    """An explicit provider with the stack's `aws:` keys (`options`, in snake case) and the project's tags.

    An explicit provider does not read the `aws:` config on its own, hence the forwarding; in return nothing
    can be deployed past its default tags. Tags of the stack's own in `aws:defaultTags` stay.
    """
    tags = {
        **options.get("default_tags", {}).get("tags", {}),
        **standard_tags(),
        "Tier": tier,
    }
    return aws.Provider("aws", **{**options, "default_tags": {"tags": tags}})
