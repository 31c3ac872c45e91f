"""The keys of the namespace `aws:`, which the AWS provider reads."""

import inspect
from collections.abc import Container, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, get_args, get_origin

import pulumi
import pulumi_aws as aws
from pydantic import Field, TypeAdapter, ValidationError

from components.config.aws_types import matching, one_of, regions
from components.config.keys import camel, snake
from components.config.reading import decoded, shown

_TAG = r"(?u:[\w .:/=+@-])"  # what every service takes in tags; a few take more
_TagKey = Annotated[
    str, matching(rf"(?!(?i:aws):){_TAG}{{1,128}}", "tags of letters, digits, spaces and _.:/=+-@, up to 128")
]
_TagValue = Annotated[
    str, matching(rf"{_TAG}{{0,256}}", "values of letters, digits, spaces and _.:/=+-@, up to 256")
]


# AWS takes 50 tags, of which the program sets four.
_DefaultTags = dict[Literal["tags"], Annotated[dict[_TagKey, _TagValue], Field(max_length=46)]]
_KnownRegion = Annotated[
    str, one_of(regions, "a region of AWS, or any with aws:skipRegionValidation true for one that is newer")
]
_AnyRegion = Annotated[str, matching(r"[a-z]+(-[a-z0-9]+)+", "a region, such as us-east-1")]
_WORDS = {
    bool: "true or false",
    int: "a whole number",
    list[str]: 'a list, such as ["one", "two"]',
    list[dict[str, Any]]: 'a list of objects, such as [{"key": "value"}]',
    dict[str, Any]: 'an object, such as {"key": "value"}',
    _DefaultTags: 'an object of tags, such as {"tags": {"Team": "rides"}}',
}


def provider_options(config: Mapping[str, str], secrets: Container[str]) -> tuple[dict[str, Any], list[str]]:
    """The provider's arguments from `config` (keys without their namespace), and a sentence for each problem.

    The arguments are in snake case; those of keys in `secrets` are secret Outputs, and no sentence shows one.
    """
    options: dict[str, Any] = {}
    problems = []
    annotations = {
        camel(name): get_args(parameter.annotation)[0]
        for name, parameter in inspect.signature(aws.ProviderArgs).parameters.items()
    }
    for key, text in config.items():
        if key not in annotations:
            close = get_close_matches(key, annotations, n=1)
            hint = f"; did you mean aws:{close[0]}?" if close else ""
            problems.append(f"aws:{key}: not an option of the AWS provider{hint}")
        elif not text:
            problems.append(f"aws:{key}: is empty; set it, or remove it with `pulumi config rm aws:{key}`")
        else:
            try:
                value = _value(text, _type(key, annotations[key], config))
                options[snake(key)] = pulumi.Output.secret(value) if key in secrets else value
            except ValueError as error:
                problems.append(f"aws:{key}: got {'a secret' if key in secrets else shown(text)}, {error}")
    return options, problems


def _type(key: str, annotation: Any, config: Mapping[str, str]) -> Any:
    """What the values of `key` are, from the first type that the SDK names for it."""
    if key in ("region", "stsRegion"):
        return _AnyRegion if config.get("skipRegionValidation") == "true" else _KnownRegion
    if key == "defaultTags":
        return _DefaultTags
    if get_origin(annotation) is Sequence:
        return list[str] if str in get_args(get_args(annotation)[0]) else list[dict[str, Any]]
    return annotation if annotation in (bool, int, str) else dict[str, Any]


def _value(text: str, type_: Any) -> Any:
    """`text` as a value of `type_`.

    Raises:
        ValueError: in the words of a message to the user.
    """
    is_text = type_ in (str, _KnownRegion, _AnyRegion)
    try:
        return TypeAdapter(type_).validate_python(text if is_text else decoded(text))
    except ValidationError as error:
        problem = error.errors()[0]
        own_words = problem["msg"].removeprefix("Value error, ")
        allowed = _WORDS.get(type_) if problem["type"] != "value_error" else None
        raise ValueError(f"allowed: {allowed}" if allowed else own_words) from None
