"""Dead-lettered batches delivered once more."""

from unittest import mock

from ops.event_source_mapping import InvocationResult
from tests.ops.stack.account import FUNCTION, SHARD, Account


def trim(account: Account, count: int) -> None:
    """Let the oldest records of the shard expire."""
    from moto.kinesis.models import kinesis_backends

    (backend,) = (regions["us-east-1"] for regions in kinesis_backends.values())
    shard = backend.streams["rides"].shards[SHARD]
    for number in list(shard.records)[:count]:
        del shard.records[number]


def test_delivers_the_same_records_to_the_same_function(account: Account) -> None:
    numbers = account.put(10)
    account.dead_letter(numbers[2], numbers[5], 4)
    (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.records, outcome.deleted) == ("redriven", 4, True)
    assert account.batches() == [["2", "3", "4", "5"]]
    (function, event) = account.invoked[0]
    assert function == FUNCTION
    assert [record["eventID"] for record in event["Records"]] == [f"{SHARD}:{n}" for n in numbers[2:6]]
    assert account.waiting() == 0


def test_keeps_the_arrival_time(account: Account) -> None:
    """The predictor's object keys hold it."""
    (number,) = account.put(1)
    iterator = account.kinesis.get_shard_iterator(
        StreamName="rides", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    (record,) = account.kinesis.get_records(ShardIterator=iterator)["Records"]
    account.dead_letter(number, number, 1)
    list(account.redrive().run())
    given = account.invoked[0][1]["Records"][0]["kinesis"]["approximateArrivalTimestamp"]
    assert abs(given - record["ApproximateArrivalTimestamp"].timestamp()) < 0.001


def test_each_message_once(account: Account) -> None:
    numbers = account.put(9)
    for start in (0, 3, 6):
        account.dead_letter(numbers[start], numbers[start + 2], 3)
    outcomes = list(account.redrive().run())
    assert [outcome.status for outcome in outcomes] == ["redriven"] * 3
    assert sorted(account.batches()) == [["0", "1", "2"], ["3", "4", "5"], ["6", "7", "8"]]


def test_message_stays_until_the_batch_succeeds(account: Account) -> None:
    numbers = account.put(2)
    account.dead_letter(numbers[0], numbers[1], 2)
    for answer in (
        InvocationResult.returned({"batchItemFailures": [{"itemIdentifier": numbers[0]}]}),
        InvocationResult.failed("task timed out"),
        InvocationResult.throttled(),
    ):
        account.answer = answer
        (outcome,) = account.redrive().run()
        assert (outcome.status, outcome.deleted) == ("failed", False)
        assert account.waiting() == 1
    account.answer = InvocationResult.returned(None)
    (outcome,) = account.redrive().run()
    assert outcome.status == "redriven"
    assert account.waiting() == 0


def test_function_error_is_reported(account: Account) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    account.answer = InvocationResult.failed("task timed out after 30 s")
    (outcome,) = account.redrive().run()
    assert "task timed out after 30 s" in outcome.detail


def test_other_function(account: Account) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    list(account.redrive(function="other").run())
    assert account.invoked[0][0] == "other"


def test_dry_run(account: Account) -> None:
    numbers = account.put(3)
    account.dead_letter(numbers[0], numbers[2], 3)
    (outcome,) = account.redrive(dry_run=True).run()
    assert (outcome.status, outcome.records) == ("ready", 3)
    assert account.invoked == []
    assert account.waiting() == 1


def test_partly_expired_batch(account: Account) -> None:
    numbers = account.put(6)
    account.dead_letter(numbers[1], numbers[4], 4)
    trim(account, 3)
    (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.lost, outcome.deleted) == ("expired", 2, False)
    assert f"{SHARD} {numbers[1]}..{numbers[4]}: the first 2 of 4 records have expired" in outcome.detail
    assert f"{numbers[3]}..{numbers[4]} are left" in outcome.detail
    assert account.invoked == []
    assert account.waiting() == 1


def test_expired_batch(account: Account) -> None:
    numbers = account.put(3)
    account.dead_letter(numbers[0], numbers[1], 2)
    trim(account, 2)
    (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.lost) == ("expired", 2)
    assert "all 2 records have expired" in outcome.detail


def test_deleted_shard_is_expired(account: Account) -> None:
    account.dead_letter("5", "9", 5, shard_id="shardId-000000000007")
    (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.lost) == ("expired", 5)


def test_trimmed_start_reads_from_trim_horizon(account: Account) -> None:
    numbers = account.put(3)
    account.dead_letter(numbers[0], numbers[2], 3)
    trim(account, 1)
    real = account.kinesis.get_shard_iterator

    def refuse(**parameters: str) -> object:
        if parameters["ShardIteratorType"] == "AT_SEQUENCE_NUMBER":
            raise account.kinesis.exceptions.InvalidArgumentException(
                {"Error": {"Code": "InvalidArgumentException", "Message": "trimmed"}}, "GetShardIterator"
            )
        return real(**parameters)

    with mock.patch.object(account.kinesis, "get_shard_iterator", refuse):
        (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.lost) == ("expired", 1)


def test_accept_loss_delivers_the_rest(account: Account) -> None:
    numbers = account.put(4)
    account.dead_letter(numbers[0], numbers[3], 4)
    trim(account, 1)
    (outcome,) = account.redrive(accept_loss=True).run()
    assert (outcome.status, outcome.records, outcome.lost, outcome.deleted) == ("redriven", 3, 1, True)
    assert account.batches() == [["1", "2", "3"]]


def test_accept_loss_of_a_whole_batch(account: Account) -> None:
    numbers = account.put(2)
    account.dead_letter(numbers[0], numbers[1], 2)
    trim(account, 2)
    (outcome,) = account.redrive(accept_loss=True).run()
    assert (outcome.status, outcome.lost, outcome.deleted) == ("expired", 2, True)
    assert account.invoked == []
    assert account.waiting() == 0


def test_range_of_concurrent_batches_is_refused(account: Account) -> None:
    """With a parallelization factor above 1 the range holds records of other batches."""
    numbers = account.put(5)
    account.dead_letter(numbers[0], numbers[4], 3)
    (outcome,) = account.redrive().run()
    assert outcome.status == "refused"
    assert "holds 5 records and 3 of them failed" in outcome.detail
    assert account.waiting() == 1


def test_other_messages_stay(account: Account) -> None:
    for body in ("hello", "{}", "[]", '{"requestContext": {}, "KinesisBatchInfo": {"shardId": 1}}'):
        account.sqs.send_message(QueueUrl=account.queue, MessageBody=body)
    outcomes = list(account.redrive().run())
    assert [outcome.status for outcome in outcomes] == ["refused"] * 4
    assert all("not a discarded Kinesis batch" in outcome.detail for outcome in outcomes)
    assert account.waiting() == 4


def test_interrupted_redrive_releases_messages(account: Account) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    account.answer = InvocationResult.failed("boom")
    running = account.redrive().run()
    next(running)
    assert account.waiting() == 0
    running.close()
    assert account.waiting() == 1
