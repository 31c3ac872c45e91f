"""The dead-letter queue delivered once more, beside the pages, because a function may run for minutes."""

import logging
import threading
import time
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from workloads.admin.settings import Settings
from workloads.delivery.clients import clients
from workloads.delivery.dead_letter import DiscardedBatch, NotADiscardedBatchError
from workloads.delivery.redrive import Outcome, Redrive

_LOG = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Run:
    """One redrive: what became of each batch, and whether it is over."""

    by: str
    began: float = field(default_factory=time.time)
    ended: float = 0.0
    error: str = ""
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self.ended


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message as it is shown: the batch, or why it is none."""

    batch: DiscardedBatch | None
    problem: str = ""

    @classmethod
    def of(cls, body: str) -> "Letter":
        """What a message's body says."""
        try:
            return cls(batch=DiscardedBatch.parse(body))
        except NotADiscardedBatchError as error:
            return cls(batch=None, problem=str(error))


class Redriving:
    """Redrives the stack's queue, one time after the other."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self.last: Run | None = None

    def start(self, by: str, *, accept_loss: bool) -> bool:
        """Begins a redrive; False while the one before still runs."""
        with self._lock:
            if self.last and self.last.running:
                return False
            self.last = run = Run(by=by)
        threading.Thread(target=self._run, args=(run, accept_loss), name="redrive", daemon=True).start()
        return True

    def _run(self, run: Run, accept_loss: bool) -> None:
        try:
            aws = clients(self._settings.region)
            job = Redrive(
                sqs=aws.sqs,
                kinesis=aws.kinesis,
                invoke=aws.invoke,
                queue_url=self._settings.dead_letter_queue_url,
                accept_loss=accept_loss,
            )
            for outcome in job.run():
                run.outcomes.append(outcome)
        except (BotoCoreError, ClientError) as error:
            run.error = (
                f"{error}; allow what docs/admin.md lists, and redrive again: what was done stays done"
            )
        except Exception as error:  # the page must not show it as running for ever
            _LOG.exception("redrive")
            run.error = f"{type(error).__name__}; the container's log has the details"
        finally:
            run.ended = time.time()
