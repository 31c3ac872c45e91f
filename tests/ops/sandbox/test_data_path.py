"""Creators, stream, function and account together, with a small function in the predictor's place."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ops.engine import Asset, Registration
from ops.engine.model import Created
from ops.event_source_mapping import EventSourceMapping, EventSourceMappingSettings
from ops.local.function import ExecutionEnvironment, FunctionSettings, runtime_folder, unpack
from ops.local.moto.backend import MotoBackend
from ops.local.services import Children
from ops.sandbox.account import Account, Ledger, dead_letters
from ops.sandbox.results import Results
from ops.sandbox.stream import KinesisStream, put

HANDLER = """
import base64, gzip, json, os
import boto3

def handler(event, context):
    lines = {"predictions": [], "rejected": []}
    for record in event["Records"]:
        ride = json.loads(base64.b64decode(record["kinesis"]["data"]))["ride"]
        if ride == "poison":
            os._exit(1)
        kind = "rejected" if ride == "bad" else "predictions"
        lines[kind].append({"sequence_number": record["kinesis"]["sequenceNumber"]})
    for kind, found in lines.items():
        if found:
            text = "".join(json.dumps(line) + "\\n" for line in found).encode()
            shard = event["Records"][0]["eventID"].split(":")[0]
            key = f"{kind}/{shard}-{found[0]['sequence_number']}.jsonl.gz"
            boto3.client("s3").put_object(Bucket=os.environ["DATA_BUCKET"], Key=key, Body=gzip.compress(text))
"""


Deployed = dict[str, Created]


def registered(kind: str, name: str, /, **inputs: object) -> Registration:
    return Registration(
        urn=f"urn:{name}", type=kind, name=name, custom=True, parent=None, provider=None, inputs=inputs
    )


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoBackend]:
    with Children(tmp_path_factory.mktemp("sandbox")) as children:
        moto = children.serve("moto", "ops.local.moto.server", health="/moto-api/", environment={})
        children.wait(moto)
        yield MotoBackend(lambda: moto.url)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("zip") / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", HANDLER)
    return path


@pytest.fixture(scope="module")
def deployed(backend: MotoBackend, package: Path) -> Deployed:
    """The data path's resources by name, as their creators answered."""
    made: Deployed = {}

    def create(kind: str, name: str, /, **inputs: object) -> Mapping[str, Any]:
        created = backend.create(registered(kind, name, **inputs))
        assert created is not None
        made[name] = created
        return created.outputs

    create("aws:s3/bucket:Bucket", "bucket", bucket="data", tags={"Project": "x"})
    stream = create("aws:kinesis/stream:Stream", "stream", name="rides", shardCount=2, retentionPeriod=48)
    queue = create("aws:sqs/queue:Queue", "queue", name="letters", sqsManagedSseEnabled=True)
    role = create("aws:iam/role:Role", "role", name="predictor", assumeRolePolicy='{"Statement": []}')
    function = create(
        "aws:lambda/function:Function", "function", name="predictor", role=role["arn"], packageType="Zip",
        runtime="python3.13", handler="app.handler", code=Asset(path=str(package)), publish=True,
        architectures=["arm64"], environment={"variables": {"DATA_BUCKET": "data"}},
    )  # fmt: skip
    alias = create(
        "aws:lambda/alias:Alias", "alias", name="live", functionName="predictor",
        functionVersion=function["version"],
    )  # fmt: skip
    create(
        "aws:lambda/eventSourceMapping:EventSourceMapping", "mapping", eventSourceArn=stream["arn"],
        functionName=alias["arn"], startingPosition="LATEST", batchSize=50,
        destinationConfig={"onFailure": {"destinationArn": queue["arn"]}},
        functionResponseTypes=["ReportBatchItemFailures"],
    )  # fmt: skip
    return made


def test_creators(backend: MotoBackend, deployed: Deployed) -> None:
    clients = backend.clients
    summary = clients("kinesis").describe_stream_summary(StreamName="rides")["StreamDescriptionSummary"]
    assert (summary["OpenShardCount"], summary["RetentionPeriodHours"]) == (2, 48)
    configuration = clients("lambda").get_function(FunctionName="predictor")["Configuration"]
    assert configuration["Environment"]["Variables"] == {"DATA_BUCKET": "data"}
    assert deployed["function"].outputs["arn"].endswith(":function:predictor")
    assert deployed["alias"].outputs["arn"].endswith(":function:predictor:live")
    assert deployed["mapping"].outputs["uuid"] == deployed["mapping"].id


def test_type_without_creator_is_planned(backend: MotoBackend) -> None:
    assert backend.create(registered("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")) is None


def test_api_error(backend: MotoBackend) -> None:
    with pytest.raises(Exception, match="NoSuchBucket"):
        backend.create(registered("aws:s3/bucketPolicy:BucketPolicy", "none", bucket="none", policy="{}"))


def test_each_ride_ends_in_one_place(
    backend: MotoBackend, deployed: Deployed, package: Path, tmp_path: Path
) -> None:
    clients = backend.clients
    kinesis, queue = clients("kinesis"), deployed["queue"].outputs["url"]
    kinds = {7: "bad", 300: "poison"}
    rides: list[dict[str, Any]] = [
        {"ride_id": str(index), "ride": kinds.get(index, {})} for index in range(700)
    ]
    settings = FunctionSettings(
        name="predictor", arn="arn:live", handler="app.handler", timeout_seconds=20,
        variables={"DATA_BUCKET": "data"},
    )  # fmt: skip
    rules = EventSourceMappingSettings(
        function_arn="arn:live", batch_size=50, starting_position="LATEST", maximum_retry_attempts=1,
        bisect_batch_on_function_error=True, report_batch_item_failures=True, retry_delay_seconds=0.01,
    )  # fmt: skip
    with ExecutionEnvironment(
        settings, package=unpack(package, tmp_path / "task"), runtime=runtime_folder(tmp_path / "runtime"),
        aws=clients.environment(), log=tmp_path / "log",
    ) as function:  # fmt: skip
        mapping = EventSourceMapping(
            rules, KinesisStream(kinesis, "rides"), function,
            lambda letter: clients("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(letter)),
        )  # fmt: skip
        sent = [record for first in (0, 500) for record in put(kinesis, "rides", rides[first : first + 500])]
        mapping.run()
    assert len(sent) == 700
    assert function.cold_starts > 1
    letters = list(dead_letters(clients("sqs"), queue))

    def account(times: int = 1, without: int = 0) -> Account:
        ledger = Ledger()
        ledger.send(sent)
        for _ in range(times):
            Results(clients("s3"), "data", ledger, lambda _: None).read()
        for letter in letters[without:]:
            ledger.find_dead_letter(letter)
        return ledger.account()

    complete = account()
    assert complete.predicted + complete.rejected + complete.dead_lettered == complete.sent == 700
    assert (complete.rejected, complete.lost, complete.duplicated) == (1, 0, 0)
    assert 1 <= complete.dead_lettered <= 50
    assert account(without=len(letters)).lost == complete.dead_lettered
    assert account(times=2).duplicated == complete.predicted + complete.rejected
