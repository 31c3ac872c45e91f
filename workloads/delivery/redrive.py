"""Delivers dead-lettered batches once more, exactly as they were.

The same records in the same order make the function write the same object keys, so that a redrive overwrites
what a failed attempt left: running it twice, or on a batch that did succeed, changes nothing.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workloads.delivery.dead_letter import DiscardedBatch, NotADiscardedBatchError
from workloads.delivery.event import kinesis_event
from workloads.delivery.record import Record
from workloads.delivery.response import InvocationResult, batch_outcome
from workloads.delivery.shard_range import KinesisClient, read_range

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    Message = MessageTypeDef

Invoke = Callable[[str, bytes], InvocationResult]  # function ARN, event
VISIBILITY_SECONDS = 1200  # longer than the longest function (900 s), so that nobody else takes the message

Status = Literal["redriven", "ready", "failed", "expired", "refused"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one message; it left the queue if `deleted`, and is still there if not."""

    status: Status
    detail: str
    deleted: bool = False
    batch: DiscardedBatch | None = None
    records: int = 0
    lost: int = 0

    def as_json(self) -> dict[str, Any]:
        """The outcome in plain values."""
        batch = vars(self.batch) if self.batch else None
        return {**vars(self), "batch": batch}


@dataclass(frozen=True, kw_only=True)
class Redrive:
    """Redrives every message of a queue, once.

    `function` replaces the function that the message names; `dry_run` reads and reports only; `accept_loss`
    lets batches go whose records have expired: what is left of them is delivered, the message deleted.
    `wait_seconds` is SQS' long poll: without one, a receive may miss messages that are there.
    """

    sqs: "SQSClient"
    kinesis: KinesisClient
    invoke: Invoke
    queue_url: str
    function: str | None = None
    dry_run: bool = False
    accept_loss: bool = False
    wait_seconds: int = 1

    def messages(self) -> int:
        """About how many messages there are."""
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self.queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def run(self) -> Generator[Outcome, None, None]:
        """Handle each message once, yield what became of it; those that stay are visible again at the end."""
        kept: dict[str, str] = {}
        try:
            for message in self._receive():
                if message["MessageId"] in kept:
                    return
                outcome = self._handle(message["Body"])
                if outcome.deleted:
                    self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                else:
                    kept[message["MessageId"]] = message["ReceiptHandle"]
                yield outcome
        finally:
            for receipt in kept.values():
                self.sqs.change_message_visibility(
                    QueueUrl=self.queue_url, ReceiptHandle=receipt, VisibilityTimeout=0
                )

    def _receive(self) -> Iterator["Message"]:
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=self.queue_url,
                MaxNumberOfMessages=1,  # its visibility timeout is for one invocation
                WaitTimeSeconds=self.wait_seconds,
                VisibilityTimeout=VISIBILITY_SECONDS,
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            yield from messages

    def _handle(self, body: str) -> Outcome:
        try:
            batch = DiscardedBatch.parse(body)
        except NotADiscardedBatchError as error:
            return Outcome(status="refused", detail=str(error))
        records = read_range(self.kinesis, batch)
        if len(records) > batch.size:
            return Outcome(
                status="refused",
                batch=batch,
                detail=f"{batch.range} holds {len(records)} records and {batch.size} of them failed: with a "
                "parallelization factor above 1 the message does not say which",
            )
        lost = batch.size - len(records)
        if lost and not self.accept_loss:
            return Outcome(status="expired", batch=batch, lost=lost, detail=_expired(batch, records, lost))
        if self.dry_run:
            return Outcome(status="ready", batch=batch, records=len(records), lost=lost, detail=batch.range)
        if not records:
            return Outcome(
                status="expired",
                batch=batch,
                lost=lost,
                deleted=True,
                detail=f"{batch.range}: all records have expired, message deleted",
            )
        return self._deliver(batch, records, lost)

    def _deliver(self, batch: DiscardedBatch, records: list[Record], lost: int) -> Outcome:
        event = kinesis_event(records, shard_id=batch.shard_id, stream_arn=batch.stream_arn)
        result = self.invoke(self.function or batch.function_arn, event)
        if batch_outcome(result, records, report_batch_item_failures=True).status == "success":
            return Outcome(
                status="redriven",
                batch=batch,
                records=len(records),
                lost=lost,
                deleted=True,
                detail=batch.range,
            )
        error = result.function_error or (f"status {result.status_code}" if result.status_code != 200 else "")
        answer = result.payload[:500].decode(errors="replace")
        return Outcome(
            status="failed",
            batch=batch,
            records=len(records),
            detail=f"{batch.range}: the function failed again: {' '.join((error, answer)).strip()}",
        )


def _expired(batch: DiscardedBatch, records: list[Record], lost: int) -> str:
    if not records:
        return f"{batch.range}: all {lost} records have expired from the stream"
    return (
        f"{batch.range}: the first {lost} of {batch.size} records have expired from the stream, "
        f"{records[0].sequence_number}..{batch.last} are left; --accept-loss delivers these"
    )
