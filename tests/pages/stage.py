"""A platform behind the pages: moto's AWS, a real MLflow, the real predictor on the stream, the real GUI.

`with Stage(folder) as stage` gives its address. Two months are taken in, a version is trained and two more
are registered, days are reported, and a batch lies in the dead-letter queue.
"""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
from moto.awslambda.models import LambdaBackend
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from ops.local.services import Children
from predictor import Predictor
from tests.pages import past
from workloads.delivery.event import kinesis_event
from workloads.delivery.record import Record

MODEL = "ride_duration_prediction_model"
PASSWORDS = {"admin": "a-password-for-admin", "viewer": "a-password-for-viewer"}
ALIASES = {"MODEL_NAME": MODEL, "MODEL_ALIAS": "champion", "CHALLENGER_ALIAS": "challenger"}
ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}
STREAM, FUNCTION, SHARD = "rides", "predictor", "shardId-000000000000"


class Stage:
    """The platform; leaving the context ends everything."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self._folder = folder
        self._stack = ExitStack()
        self._stopped = threading.Event()
        self._before = dict(os.environ)

    def __enter__(self) -> "Stage":
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._stack.close()
        os.environ.clear()
        os.environ.update(self._before)

    def _start(self) -> None:
        moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        moto.start()
        self._stack.callback(moto.stop)
        host, port = moto.get_host_and_port()
        self.environment = {**ACCOUNT, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
        os.environ.update(self.environment)
        children = self._stack.enter_context(Children(self._folder))
        mlflow = children.serve(
            "mlflow",
            "ops.sandbox.mlflow_server",
            health="/health",
            environment={"SERVER_FOLDER": str(self._folder)},
        )
        self._resources()
        children.wait(mlflow)
        self.environment |= {**ALIASES, "MLFLOW_TRACKING_URI": mlflow.url, "DATA_BUCKET": "data"}
        os.environ.update(self.environment)
        past.make(children, self.environment)
        self._predict()
        self._gui(children)

    def _resources(self) -> None:
        s3, iam = boto3.client("s3"), boto3.client("iam")
        for name in ("data", "reports"):
            s3.create_bucket(Bucket=name)
        self.kinesis = boto3.client("kinesis")
        self.kinesis.create_stream(StreamName=STREAM, ShardCount=1)
        self.queue = boto3.client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]
        role = iam.create_role(RoleName="predictor", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        self.function = boto3.client("lambda").create_function(
            FunctionName=FUNCTION,
            Role=role,
            Runtime="python3.13",
            Handler="handler.handler",
            Code={"ImageUri": "none"},
            PackageType="Image",
            MemorySize=256,
        )["FunctionArn"]

    def _predict(self) -> None:
        """Lets the predictor follow the stream, and answer who invokes it."""
        settings = {**self.environment, "CHALLENGER_SHARE": "1", "MODEL_CHECK_SECONDS": "1"}
        predictor = Predictor.from_environment(settings)
        lock = threading.Lock()

        def invoke(event: bytes) -> Mapping[str, Any]:
            with lock:
                return predictor.handle(json.loads(event))

        def answer(_self: Any, _name: str, _qualifier: Any, body: bytes, *_: Any) -> bytes:
            return json.dumps(invoke(body)).encode()

        original = LambdaBackend.invoke
        self._stack.callback(setattr, LambdaBackend, "invoke", original)
        setattr(LambdaBackend, "invoke", answer)  # noqa: B010 - mypy: a method
        thread = threading.Thread(target=self._follow, args=(invoke,), daemon=True)
        thread.start()
        self._stack.callback(thread.join, 10)
        self._stack.callback(self._stopped.set)

    def _follow(self, invoke: Any) -> None:
        where = {"StreamName": STREAM, "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}
        iterator = self.kinesis.get_shard_iterator(**where)["ShardIterator"]
        arn = self.kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
        while not self._stopped.wait(0.2):
            page = self.kinesis.get_records(ShardIterator=iterator, Limit=500)
            iterator = page["NextShardIterator"]
            if page["Records"]:
                records = [_record(each) for each in page["Records"]]
                invoke(kinesis_event(records, shard_id=SHARD, stream_arn=arn))

    def send(self, ride_ids: Sequence[str]) -> None:
        """Rides, one after the other, as a producer sends them."""
        ride = {"PULocationID": 74, "DOLocationID": 75, "trip_distance": 1.4}
        for ride_id in ride_ids:
            data = json.dumps({"ride_id": ride_id, "ride": ride}).encode()
            self.kinesis.put_record(StreamName=STREAM, Data=data, PartitionKey=ride_id)

    def dead_letter(self) -> None:
        """Three more records that could not be delivered."""
        past.dead_letter(self.queue, self.function)

    def _gui(self, children: Children) -> None:
        self.dead_letter()
        environment = {
            **self.environment,
            "ADMIN_PASSWORD": PASSWORDS["admin"],
            "ADMIN_VIEWER_PASSWORD": PASSWORDS["viewer"],
            "ADMIN_SESSION_KEY": "a-key-of-this-test",
            "ADMIN_ALLOW_SYNTHETIC": "true",
            **past.data_dir(),
            "DEAD_LETTER_QUEUE_URL": self.queue,
            "KINESIS_STREAM_NAME": STREAM,
            "PREDICTOR_FUNCTION_NAME": FUNCTION,
            "REPORTS_BUCKET": "reports",
        }
        gui = children.serve("admin", "ops.sandbox.admin_server", health="/healthz", environment=environment)
        children.wait(gui)
        self.url = gui.url


def _record(found: Mapping[str, Any]) -> Record:
    return Record(
        partition_key=found["PartitionKey"],
        sequence_number=found["SequenceNumber"],
        data=found["Data"],
        arrival=found["ApproximateArrivalTimestamp"].timestamp(),
    )
