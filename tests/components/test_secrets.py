"""The generated secrets: what reads them accepts them, and no id holds one."""

import base64
from collections.abc import Callable
from typing import Any

import pulumi

from components.orchestration.secrets import Secrets

GENERATED = "a1B2" * 8


def test_fernet_key_is_32_bytes(deploy: Callable[..., Any]) -> None:
    def program() -> Any:
        parent = pulumi.ComponentResource("mlops:index:Parent", "parent")
        return Secrets("orchestration", variant="compose", recovery_days=0, parent=parent).fernet_key(
            "fernet"
        )

    computed = {"random:index/randomPassword:RandomPassword": {"result": GENERATED}}
    assert base64.urlsafe_b64decode(deploy(program, computed=computed).result) == GENERATED.encode()


def test_no_resource_has_its_value_as_id(deploy: Callable[..., Any]) -> None:
    """The provider's RandomBytes, RandomString and RandomUuid do; the id of a RandomPassword is `none`."""

    def program() -> None:
        parent = pulumi.ComponentResource("mlops:index:Parent", "parent")
        secrets = Secrets("orchestration", variant="compose", recovery_days=0, parent=parent)
        secrets.store("service", {"key": secrets.fernet_key("fernet"), "password": secrets.password("word")})

    computed = {"random:index/randomPassword:RandomPassword": {"result": GENERATED}}
    types = {
        one.type for one in deploy(program, computed=computed).resources if one.type.startswith("random:")
    }
    assert types == {"random:index/randomPassword:RandomPassword"}
