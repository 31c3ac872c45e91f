"""Accounts for every record that was sent: predicted, rejected, dead-lettered, lost or there twice.

A record is known by its shard and its sequence number, which is unique in its shard only. A prediction holds
the second; the first is in the name of its object, `<shard>-<first sequence number>.jsonl.gz`.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ops.sandbox.stream import Sent

READERS = 4


@dataclass(frozen=True, kw_only=True)
class Account:
    """Records by where they ended; a `lost` one is nowhere, a `duplicated` one in more than one place."""

    predicted: int
    rejected: int
    dead_lettered: int
    lost: int
    duplicated: int


def lines(s3: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    """Every line of every `.jsonl.gz` object under `prefix`, with its `shard_id` from the object's name."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def read(key: str) -> list[dict[str, Any]]:
        text = gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        shard = key.rpartition("/")[2].rpartition("-")[0]
        return [{**json.loads(line), "shard_id": shard} for line in text.splitlines()]

    with ThreadPoolExecutor(READERS) as pool:
        return [line for found in pool.map(read, keys) for line in found]


def dead_letters(sqs: Any, queue_url: str) -> Iterator[dict[str, Any]]:
    """The messages of the dead-letter queue, which stay in it."""
    while messages := sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=60
    ).get("Messages"):
        for message in messages:
            yield json.loads(message["Body"])


def settle(
    sent: Sequence[Sent],
    predictions: Iterable[dict[str, Any]],
    rejections: Iterable[dict[str, Any]],
    letters: Iterable[dict[str, Any]],
) -> Account:
    """Follows each record that was sent to where it ended."""
    predicted = Counter(_record(line) for line in predictions)
    rejected = Counter(_record(line) for line in rejections)
    dead = Counter(record for letter in letters for record in _range(letter["KinesisBatchInfo"], sent))
    total = predicted + rejected + dead
    records = {(record.shard_id, record.sequence_number) for record in sent}
    return Account(
        predicted=len(predicted.keys() & records),
        rejected=len(rejected.keys() & records),
        dead_lettered=len(dead.keys() & records),
        lost=len(records - total.keys()),
        duplicated=sum(count - 1 for count in total.values()),
    )


def _record(line: dict[str, Any]) -> tuple[str, str]:
    return line["shard_id"], str(line["sequence_number"])


def _range(batch: dict[str, Any], sent: Sequence[Sent]) -> Iterator[tuple[str, str]]:
    """The records that a dead letter stands for: it names their range, not each."""
    first, last = int(batch["startSequenceNumber"]), int(batch["endSequenceNumber"])
    for record in sent:
        if record.shard_id == batch["shardId"] and first <= int(record.sequence_number) <= last:
            yield record.shard_id, record.sequence_number
