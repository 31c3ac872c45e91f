"""`deploy` runs Pulumi code against mocks and gives back what it registered, as plain values.

Assertions stand outside of the program, where a failing one cannot pass in silence as it does in an apply
that never runs.
"""

import functools
import gc
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime
import pytest

from components.common.admin_access import AdminAccess
from components.common.data_access import DataAccess, NamedArn
from components.common.settings import MonitoringSettings
from components.streaming import function_code
from components.streaming.settings import StreamingSettings
from ops.engine.api import OTHER_TYPES, calls_of, request_problems

PROJECT, STACK = "mlops-taxi-prediction", "dev"
ACCOUNT, REGION = "123456789012", "us-east-1"

DATA = DataAccess(
    artifacts_bucket=NamedArn(name="artifacts", arn="arn:aws:s3:::artifacts"),
    data_bucket=NamedArn(name="data", arn="arn:aws:s3:::data"),
    reports_bucket=NamedArn(name="reports", arn="arn:aws:s3:::reports"),
    stream=NamedArn(name="rides", arn="arn:aws:kinesis:us-east-1:123456789012:stream/rides"),
    model=StreamingSettings(model_name="rides", model_alias="champion", challenger_alias="challenger"),
    monitoring=MonitoringSettings(),
    alert_topic_arn="arn:aws:sns:us-east-1:123456789012:alarms",
)

_HERE = "us-east-1:123456789012"
ADMIN = AdminAccess(
    data=DATA,
    function=NamedArn(name="predictor", arn=f"arn:aws:lambda:{_HERE}:function:predictor"),
    function_alias_arn=f"arn:aws:lambda:{_HERE}:function:predictor:live",
    mapping=NamedArn(name="a-uuid", arn=f"arn:aws:lambda:{_HERE}:event-source-mapping:a-uuid"),
    dead_letters=NamedArn(name="dead-letters", arn=f"arn:aws:sqs:{_HERE}:dead-letters"),
    dead_letters_url="https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters",
    state_machine_name="automl",
)

_INVOKES: dict[str, dict[str, Any]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": {
        "names": [f"{REGION}{zone}" for zone in "abcdef"]
    },
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "locations": [f"{REGION}{zone}" for zone in "abcdef"]
    },
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:index/getRegion:getRegion": {"region": REGION},
    "aws:ssm/getParameter:getParameter": {"insecureValue": "ami-0123456789", "value": "ami-0123456789"},
    "aws:ec2/getSubnet:getSubnet": {"availabilityZone": f"{REGION}a"},
    "aws:ec2/getVpc:getVpc": {"id": "vpc-theirs", "cidrBlock": "172.16.0.0/16"},
    "aws:secretsmanager/getSecretVersion:getSecretVersion": {"secretString": "a-client-secret"},
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": {"userName": "AWS", "password": "a-password"},
}


_SECRET = "4dabf18193072939515e22adb298388d"  # the key by which Pulumi's protocol marks a secret
# Ids and ARNs that these mocks or a test make up do not have the form of AWS's.
_OF_THE_MOCKS = re.compile(r"got '([\w-]+-id|(subnet|sg|vpc|fs)-[\w-]*|arn:[^']*)'")


@dataclass(frozen=True)
class Resource:
    """A registered resource; `inputs` has the provider's camelCase names, and policies decoded from JSON."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    provider: str


class Deployed:
    """What a program registered, and what it returned."""

    def __init__(self) -> None:
        self.resources: list[Resource] = []
        self.invoked: list[tuple[str, Mapping[str, Any]]] = []
        self.result: Any = None

    def all(self, type_: str) -> list[Resource]:
        """Every resource whose type is `type_`, such as `aws:ec2/subnet:Subnet` or only `Subnet`."""
        return [one for one in self.resources if type_ in (one.type, one.type.rsplit(":", 1)[-1])]

    def one(self, type_: str, name: str | None = None) -> Resource:
        """The only resource of that type (and name)."""
        found = [one for one in self.all(type_) if name in (None, one.name)]
        assert len(found) == 1, f"{len(found)} of {type_} {name or ''} among {self.names()}"
        return found[0]

    def names(self) -> list[str]:
        """`Type name` of every resource, sorted."""
        return sorted(f"{one.type.rsplit(':', 1)[-1]} {one.name}" for one in self.resources)


Deploy = Callable[..., Deployed]  # the fixture `deploy`


class _Recorder(pulumi.runtime.Mocks):
    def __init__(
        self,
        deployed: Deployed,
        invokes: Mapping[str, dict[str, Any]],
        computed: Mapping[str, dict[str, Any]],
    ) -> None:
        self.deployed = deployed
        self.invokes = invokes
        self.computed = computed
        self.refused: list[str] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = {key: _decoded(value) for key, value in args.inputs.items()}
        self.deployed.resources.append(Resource(args.typ, args.name, inputs, args.provider or ""))
        problems = request_problems(args.typ, _opened(args.inputs))
        if args.typ.startswith("aws:") and args.typ not in OTHER_TYPES and calls_of(args.typ) is None:
            problems = [f"operations.yaml does not have {args.typ}"]
        self.refused += [f"{args.name} {one}" for one in problems if not _OF_THE_MOCKS.search(one)]
        computed = {
            "arn": f"arn:aws:{args.typ.split(':')[1].split('/')[0]}:{REGION}:{ACCOUNT}:{args.name}",
            "name": args.name,
            "url": f"https://aws.example/{args.name}",
            "repoDigest": "registry/predictor@sha256:built",
            "registryId": ACCOUNT,
            "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{args.name}",
            "primaryNetworkInterfaceId": f"{args.name}-interface",
            "version": "1",
            **self.computed.get(args.typ, {}),
        }
        return f"{args.name}-id", {**computed, **args.inputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        self.deployed.invoked.append((args.token, args.args))
        return self.invokes[args.token], []


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deploy:
    """Runs a function that makes resources, and waits for all of them.

    `deploy(lambda: Streaming("streaming", args))`; `config` are full keys
    (`aws:region`), `invokes` adds to what data sources answer, by token. Where the function returns an
    Output, `.result` is its value.
    """
    package = tmp_path / "predictor.zip"
    package.write_bytes(b"")
    monkeypatch.setattr(function_code, "build_zip", lambda _platform: package)
    monkeypatch.setenv("DOCKER_HOST", "none://")  # nothing is built
    # A blocking call for every property of every resource, whose text nobody reads.
    monkeypatch.setattr(pulumi.log, "debug", lambda *_args, **_more: None)

    def run(
        program: Callable[[], Any],
        *,
        config: Mapping[str, str] | None = None,
        invokes: Mapping[str, dict[str, Any]] | None = None,
        computed: Mapping[str, dict[str, Any]] | None = None,
        stack: str = STACK,
    ) -> Deployed:
        deployed = Deployed()
        recorder = _Recorder(deployed, {**_INVOKES, **(invokes or {})}, computed or {})
        pulumi.runtime.set_mocks(recorder, project=PROJECT, stack=stack, preview=False)
        pulumi.runtime.set_all_config(dict(config or {}), [])

        @pulumi.runtime.test  # type: ignore[untyped-decorator]  # the SDK's own
        def awaited() -> Any:
            def keep(value: Any) -> None:
                deployed.result = value

            result = program()
            return pulumi.Output.from_input(None if isinstance(result, pulumi.Resource) else result).apply(
                keep
            )

        awaited()
        _keep_the_sdk()
        assert not recorder.refused, "AWS would refuse:\n" + "\n".join(recorder.refused)
        twice = [name for name, count in Counter(deployed.names()).items() if count > 1]
        assert not twice, f"registered more than once: {twice}"
        return deployed

    return run


@functools.cache
def _keep_the_sdk() -> None:
    """Takes the SDK's modules, loaded by the first deployment, out of what every collection walks through."""
    gc.collect()
    gc.freeze()


def _opened(value: Any) -> Any:
    """Inputs without the wire's wrapping of secrets."""
    if isinstance(value, Mapping):
        return (
            _opened(value["value"]) if _SECRET in value else {key: _opened(one) for key, one in value.items()}
        )
    return [_opened(one) for one in value] if isinstance(value, list) else value


def _decoded(value: Any) -> Any:
    """Policies arrive as JSON text; tests read them as documents."""
    if isinstance(value, str) and value.startswith("{"):
        return json.loads(value)
    return value
