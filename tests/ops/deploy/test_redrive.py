"""Dead-lettered batches delivered once more."""

from unittest import mock

from ops.sandbox.mapping import InvocationResult
from tests.ops.deploy.account import FUNCTION, SHARD, Account


def trim(account: Account, count: int) -> None:
    """Let the oldest records of the shard expire."""
    from moto.kinesis.models import kinesis_backends

    (backend,) = (regions["us-east-1"] for regions in kinesis_backends.values())
    shard = backend.streams["rides"].shards[SHARD]
    for number in list(shard.records)[:count]:
        del shard.records[number]


def test_the_batch_is_delivered_to_the_function_it_died_in_with_the_same_records(account: Account) -> None:
    numbers = account.put(10)
    account.dead_letter(numbers[2], numbers[5], 4)
    (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.records, outcome.deleted) == ("redriven", 4, True)
    assert account.batches() == [["2", "3", "4", "5"]]
    (function, event) = account.invoked[0]
    assert function == FUNCTION
    assert [record["eventID"] for record in event["Records"]] == [f"{SHARD}:{n}" for n in numbers[2:6]]
    assert account.waiting() == 0


def test_the_arrival_time_that_names_the_objects_folder_is_the_streams(account: Account) -> None:
    (number,) = account.put(1)
    iterator = account.kinesis.get_shard_iterator(
        StreamName="rides", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    (record,) = account.kinesis.get_records(ShardIterator=iterator)["Records"]
    account.dead_letter(number, number, 1)
    list(account.redrive().run())
    given = account.invoked[0][1]["Records"][0]["kinesis"]["approximateArrivalTimestamp"]
    assert abs(given - record["ApproximateArrivalTimestamp"].timestamp()) < 0.001


def test_every_message_is_handled_once(account: Account) -> None:
    numbers = account.put(9)
    for start in (0, 3, 6):
        account.dead_letter(numbers[start], numbers[start + 2], 3)
    outcomes = list(account.redrive().run())
    assert [outcome.status for outcome in outcomes] == ["redriven"] * 3
    assert sorted(account.batches()) == [["0", "1", "2"], ["3", "4", "5"], ["6", "7", "8"]]


def test_a_batch_that_fails_again_keeps_its_message_and_can_be_redriven_later(account: Account) -> None:
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


def test_the_functions_complaint_is_in_the_report(account: Account) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    account.answer = InvocationResult.failed("task timed out after 30 s")
    (outcome,) = account.redrive().run()
    assert "task timed out after 30 s" in outcome.detail


def test_a_function_can_be_named_instead(account: Account) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    list(account.redrive(function="other").run())
    assert account.invoked[0][0] == "other"


def test_a_dry_run_invokes_nothing_and_keeps_everything(account: Account) -> None:
    numbers = account.put(3)
    account.dead_letter(numbers[0], numbers[2], 3)
    (outcome,) = account.redrive(dry_run=True).run()
    assert (outcome.status, outcome.records) == ("ready", 3)
    assert account.invoked == []
    assert account.waiting() == 1


def test_a_batch_of_which_records_expired_keeps_its_message_and_names_what_was_lost(account: Account) -> None:
    numbers = account.put(6)
    account.dead_letter(numbers[1], numbers[4], 4)
    trim(account, 3)
    (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.lost, outcome.deleted) == ("expired", 2, False)
    assert f"{SHARD} {numbers[1]}..{numbers[4]}: the first 2 of 4 records have expired" in outcome.detail
    assert f"{numbers[3]}..{numbers[4]} are left" in outcome.detail
    assert account.invoked == []
    assert account.waiting() == 1


def test_a_batch_that_expired_whole_says_so(account: Account) -> None:
    numbers = account.put(3)
    account.dead_letter(numbers[0], numbers[1], 2)
    trim(account, 2)
    (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.lost) == ("expired", 2)
    assert "all 2 records have expired" in outcome.detail


def test_a_shard_that_is_gone_counts_as_expired(account: Account) -> None:
    account.dead_letter("5", "9", 5, shard_id="shardId-000000000007")
    (outcome,) = account.redrive().run()
    assert (outcome.status, outcome.lost) == ("expired", 5)


def test_an_iterator_refused_because_its_record_is_trimmed_falls_back_to_the_oldest(account: Account) -> None:
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


def test_accepting_the_loss_delivers_what_is_left_and_lets_the_message_go(account: Account) -> None:
    numbers = account.put(4)
    account.dead_letter(numbers[0], numbers[3], 4)
    trim(account, 1)
    (outcome,) = account.redrive(accept_loss=True).run()
    assert (outcome.status, outcome.records, outcome.lost, outcome.deleted) == ("redriven", 3, 1, True)
    assert account.batches() == [["1", "2", "3"]]


def test_accepting_the_loss_of_a_whole_batch_invokes_nothing(account: Account) -> None:
    numbers = account.put(2)
    account.dead_letter(numbers[0], numbers[1], 2)
    trim(account, 2)
    (outcome,) = account.redrive(accept_loss=True).run()
    assert (outcome.status, outcome.lost, outcome.deleted) == ("expired", 2, True)
    assert account.invoked == []
    assert account.waiting() == 0


def test_a_range_with_records_of_other_lanes_is_refused(account: Account) -> None:
    numbers = account.put(5)
    account.dead_letter(numbers[0], numbers[4], 3)
    (outcome,) = account.redrive().run()
    assert outcome.status == "refused"
    assert "holds 5 records and 3 of them failed" in outcome.detail
    assert account.waiting() == 1


def test_a_message_that_is_something_else_stays_and_is_named(account: Account) -> None:
    for body in ("hello", "{}", "[]", '{"requestContext": {}, "KinesisBatchInfo": {"shardId": 1}}'):
        account.sqs.send_message(QueueUrl=account.queue, MessageBody=body)
    outcomes = list(account.redrive().run())
    assert [outcome.status for outcome in outcomes] == ["refused"] * 4
    assert all("not a discarded Kinesis batch" in outcome.detail for outcome in outcomes)
    assert account.waiting() == 4


def test_an_interrupted_redrive_leaves_the_rest_visible(account: Account) -> None:
    numbers = account.put(1)
    account.dead_letter(numbers[0], numbers[0], 1)
    account.answer = InvocationResult.failed("boom")
    running = account.redrive().run()
    next(running)
    assert account.waiting() == 0
    running.close()
    assert account.waiting() == 1
