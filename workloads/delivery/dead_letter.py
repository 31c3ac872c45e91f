"""What a message in the dead-letter queue says: which records of which shard Lambda gave up on."""

import json
from dataclasses import dataclass
from typing import Self


class NotADiscardedBatchError(ValueError):
    """The message is not the invocation record of a Kinesis event source mapping."""


@dataclass(frozen=True, kw_only=True)
class DiscardedBatch:
    """A discarded batch, by the shard and sequence numbers that its invocation record names.

    Source: AWS Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event
    source in Lambda" <https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html>.
    """

    stream_arn: str
    shard_id: str
    first: str
    last: str
    size: int
    function_arn: str
    condition: str

    @classmethod
    def parse(cls, body: str) -> Self:
        """Read a message's body; raises NotADiscardedBatchError naming what is missing."""
        try:
            document = json.loads(body)
            request, info = document["requestContext"], document["KinesisBatchInfo"]
            return cls(
                stream_arn=str(info["streamArn"]),
                shard_id=str(info["shardId"]),
                first=str(int(info["startSequenceNumber"])),
                last=str(int(info["endSequenceNumber"])),
                size=int(info["batchSize"]),
                function_arn=str(request["functionArn"]),
                condition=str(request["condition"]),
            )
        except KeyError as error:
            raise NotADiscardedBatchError(
                f"the message has no {error}: not a discarded Kinesis batch"
            ) from None
        except (TypeError, ValueError) as error:
            raise NotADiscardedBatchError(f"the message is not a discarded Kinesis batch: {error}") from None

    @property
    def range(self) -> str:
        """Where the batch is, for people."""
        return f"{self.shard_id} {self.first}..{self.last}"
