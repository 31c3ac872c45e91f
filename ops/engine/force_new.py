"""The inputs whose change replaces a resource instead of updating it."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("force_new.yaml")
# Changes of these parts of a root volume replace its instance; its size and type are changed in place.
_FIXED_AT_LAUNCH = ("encrypted", "kmsKeyId", "deviceName")


@functools.cache
def _table() -> Mapping[str, frozenset[str]]:
    packages = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        f"{package}:{token}": frozenset(inputs)
        for package, rows in packages.items()
        for token, inputs in rows.items()
    }


def is_known(type_: str) -> bool:
    """Whether `force_new.yaml` has a row for the type."""
    return type_ in _table()


def fixed_inputs(type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `inputs` that cannot change without replacing the resource."""
    fixed = {name: inputs[name] for name in _table().get(type_, ()) if inputs.get(name) is not None}
    if type_ == "aws:ec2/instance:Instance":
        volume = inputs.get("rootBlockDevice")
        if isinstance(volume, Mapping):
            fixed["rootBlockDevice"] = {key: volume[key] for key in _FIXED_AT_LAUNCH if key in volume}
        if inputs.get("userDataReplaceOnChange"):
            fixed["userData"] = inputs.get("userData")
    if type_ == "aws:ecs/service:Service" and not inputs.get("forceNewDeployment"):
        fixed["capacityProviderStrategies"] = inputs.get("capacityProviderStrategies")
    return fixed
