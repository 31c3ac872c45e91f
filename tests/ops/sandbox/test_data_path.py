"""Creators, stream, function and account together, with a small function in the predictor's place."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from ops.engine import Asset, Registration
from ops.event_source_mapping import EventSourceMapping, EventSourceMappingSettings
from ops.local.services import Children
from ops.sandbox import account
from ops.sandbox.backend import MotoBackend
from ops.sandbox.function import ExecutionEnvironment, FunctionSettings, runtime_folder, unpack
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


def registered(kind: str, name: str, /, **inputs: object) -> Registration:
    return Registration(
        urn=f"urn:{name}", type=kind, name=name, custom=True, parent=None, provider=None, inputs=inputs
    )


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    with Children(tmp_path_factory.mktemp("sandbox")) as children:
        moto = children.serve("moto", "ops.local.moto_server", health="/moto-api/", environment={})
        children.wait(moto)
        yield MotoBackend(lambda: moto.url)


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("zip") / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", HANDLER)
    return path


@pytest.fixture(scope="module")
def deployed(backend, package):
    """The data path's resources by name, as their creators answered."""
    made = {}

    def create(kind: str, name: str, /, **inputs: object):
        made[name] = backend.create(registered(kind, name, **inputs))
        return made[name].outputs

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


def test_creators(backend, deployed):
    clients = backend.clients
    summary = clients("kinesis").describe_stream_summary(StreamName="rides")["StreamDescriptionSummary"]
    assert (summary["OpenShardCount"], summary["RetentionPeriodHours"]) == (2, 48)
    configuration = clients("lambda").get_function(FunctionName="predictor")["Configuration"]
    assert configuration["Environment"]["Variables"] == {"DATA_BUCKET": "data"}
    assert deployed["function"].outputs["arn"].endswith(":function:predictor")
    assert deployed["alias"].outputs["arn"].endswith(":function:predictor:live")
    assert deployed["mapping"].outputs["uuid"] == deployed["mapping"].id


def test_type_without_creator_is_planned(backend):
    assert backend.create(registered("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")) is None


def test_api_error(backend):
    with pytest.raises(Exception, match="NoSuchBucket"):
        backend.create(registered("aws:s3/bucketPolicy:BucketPolicy", "none", bucket="none", policy="{}"))


def test_each_ride_ends_in_one_place(backend, deployed, package, tmp_path):
    clients = backend.clients
    queue = deployed["queue"].outputs["url"]
    kinds = {7: "bad", 300: "poison"}
    rides = [{"ride_id": str(index), "ride": kinds.get(index, {})} for index in range(700)]
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
            rules, KinesisStream(clients("kinesis"), "rides"), function,
            lambda letter: clients("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(letter)),
        )  # fmt: skip
        sent = put(clients("kinesis"), "rides", rides)
        mapping.run()
    predictions = account.lines(clients("s3"), "data", "predictions/")
    rejections = account.lines(clients("s3"), "data", "rejected/")
    letters = list(account.dead_letters(clients("sqs"), queue))
    result = account.settle(sent, predictions, rejections, letters)
    assert result.predicted + result.rejected + result.dead_lettered == len(sent) == 700
    assert (result.rejected, result.lost, result.duplicated) == (1, 0, 0)
    assert 1 <= result.dead_lettered <= 50
    assert function.cold_starts > 1

    missing = account.settle(sent, predictions[1:], rejections * 2, letters)
    assert (missing.lost, missing.duplicated) == (1, 1)


def test_reads_all_lines(backend):
    s3 = backend.clients("s3")
    s3.create_bucket(Bucket="lines")
    for index in range(3):
        body = gzip.compress(b'{"sequence_number": "1"}\n' * 2)
        s3.put_object(Bucket="lines", Key=f"predictions/{index}.jsonl.gz", Body=body)
    assert len(account.lines(s3, "lines", "predictions/")) == 6
