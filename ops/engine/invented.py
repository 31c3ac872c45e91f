"""Plausible outputs for resources that nothing makes: known in an update, and the same for the same URN."""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from ops.engine.conventions import BY_SUFFIX, CONVENTIONS, Convention
from ops.engine.force_new import fixed_inputs
from ops.engine.invokes import ACCOUNT_ID
from ops.engine.model import UNKNOWN, Created, Registration

# The inputs that name a resource in AWS; where none is given, Pulumi names it after the URN.
_NAMES = ("name", "bucket", "identifier", "family")
_EMPTY: Mapping[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}


def invent(
    resource: Registration,
    shape: Mapping[str, Any],
    *,
    region: str,
    all_tags: Mapping[str, Any],
    id_: str | None,
) -> Created:
    """Every output of `resource` that is not an input; `id_` is the real id, where there is one.

    `shape` is the type's description, `region` its provider's; `all_tags` holds `tagsAll`, if it has tags.
    """
    convention = CONVENTIONS.get(resource.type, _generic(resource.type))
    facts = _facts(resource, convention, region, id_)
    invented = {name: _filled(form, facts) for name, form in convention.outputs.items()}
    if resource.type.startswith("random:"):
        invented.update(_random(resource, facts["hex64"]))
        facts["id"] = _random_id(resource.type, invented)
    if resource.type == "aws:acm/certificate:Certificate":
        invented["domainValidationOptions"] = _domain_validation(resource.inputs)
    for name, kind in shape["outputs"].items():
        if name in _NAMES and isinstance(kind, str):
            invented.setdefault(name, facts["name"])
        elif name not in shape["inputs"] or name in ("arn", "region"):  # which AWS decides all the same
            invented.setdefault(name, _by_name(name, kind, facts))
    invented.update(all_tags)
    given = {name for name, value in resource.inputs.items() if value is not None}
    wanted = shape["outputs"].keys() - given
    return Created(
        id=facts["id"], outputs={name: invented[name] for name in sorted(invented.keys() & wanted)}
    )


def _facts(resource: Registration, convention: Convention, region: str, id_: str | None) -> dict[str, Any]:
    # A replaced resource gets another id, as in AWS, and so what refers to it changes too.
    digest = _digest(resource.urn, fixed_inputs(resource.type, resource.inputs))
    content = _digest(resource.urn, resource.inputs)
    named = (resource.inputs.get(name) for name in _NAMES)
    facts: dict[str, Any] = {
        "name": next((name for name in named if isinstance(name, str)), f"{resource.name}-{digest[:7]}"),
        "region": resource.inputs.get("region") or region,
        "account": ACCOUNT_ID,
        "hex8": digest[:8],
        "hex17": digest[:17],
        "hex64": digest,
        "octet": str(int(digest[:2], 16) % 254 + 1),
        "uuid": str(uuid.UUID(digest[:32])),
        "revision": int(digest[:4], 16) + 1,
        "version": int(content[:4], 16) + 1,
        "content": content[:32],
        "in": {name: value for name, value in resource.inputs.items() if value is not UNKNOWN},
    }
    # Some ids are ARNs, and most other ARNs hold the id.
    if convention.id == "{arn}":
        facts["arn"] = id_ or _filled(f"arn:aws:{convention.arn}", facts)
        facts["id"] = facts["arn"]
    else:
        facts["id"] = id_ or _filled(convention.id, facts)
        facts["arn"] = _filled(f"arn:aws:{convention.arn}", facts)
    return facts


def _digest(urn: str, inputs: Mapping[str, Any]) -> str:
    text = json.dumps(inputs, sort_keys=True, default=repr)
    return hashlib.sha256(f"{urn}{text}".encode()).hexdigest()


def _generic(token: str) -> Convention:
    """`aws:ecs/taskSet:TaskSet` becomes `arn:aws:ecs:<region>:<account>:taskSet/<name>`."""
    service, _, kind = token.split(":")[1].partition("/")
    return Convention(arn=f"{service}:{{region}}:{{account}}:{kind}/{{name}}")


def _by_name(name: str, kind: Any, facts: Mapping[str, Any]) -> Any:
    if isinstance(kind, Mapping):
        return [] if "array" in kind else {}
    if kind != "string":
        return _EMPTY.get(kind)
    template = next((form for suffix, form in BY_SUFFIX.items() if name.endswith(suffix)), f"{{name}}-{name}")
    return _filled(template, facts)


def _filled(template: Any, facts: Mapping[str, Any]) -> Any:
    if isinstance(template, str):
        text = template.format_map(facts)
        return facts["revision"] if template == "{revision}" else text
    if isinstance(template, Mapping):
        return {key: _filled(item, facts) for key, item in template.items()}
    if isinstance(template, list):
        return [_filled(item, facts) for item in template]
    return template


def _domain_validation(inputs: Mapping[str, Any]) -> list[dict[str, str]]:
    """What ACM asks for to prove each name of a certificate: a CNAME record."""
    names = [inputs["domainName"], *(inputs.get("subjectAlternativeNames") or ())]
    return [
        {
            "domainName": name,
            "resourceRecordName": f"_validation.{name}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": "_validation.acm-validations.aws.",
        }
        for name in names
    ]


def _random_id(token: str, outputs: Mapping[str, Any]) -> str:
    """pulumi-random's ids, some of which are what was made: a secret that the state shows."""
    ids = {"RandomBytes": "base64", "RandomId": "b64Url", "RandomString": "result", "RandomUuid": "result"}
    return str(outputs.get(ids.get(token.rpartition(":")[2], ""), "none"))


def _random(resource: Registration, digest: str) -> dict[str, Any]:
    """Text or bytes of the length that was asked for, in every spelling of pulumi-random."""
    length = resource.inputs.get("length") or resource.inputs.get("byteLength")
    if not isinstance(length, int):
        return {}
    if resource.type.endswith(("RandomPassword", "RandomString")):
        return {"result": (digest * (length // len(digest) + 1))[:length]}
    raw = (bytes.fromhex(digest) * (length // 32 + 1))[:length]
    standard, url = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")
    dec = str(int.from_bytes(raw, "big"))
    return {"hex": raw.hex(), "base64": standard, "b64Std": standard, "b64Url": url, "dec": dec}
