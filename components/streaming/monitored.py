"""What is worth an alarm on the way from a ride to its prediction."""

import pulumi
import pulumi_aws as aws

from components.common.monitored import Alarm, Expression, Metric, Monitored, Panel, Query
from components.common.names import metrics_namespace
from components.streaming.settings import StreamingSettings

_REFRESH_FAILURES, _PREDICTED, _COMPLETED = "ModelRefreshFailures", "Predicted", "Completed"
# Of those that the predictor itself reports: each costs by the month.
WATCHED_METRICS = (_REFRESH_FAILURES, _PREDICTED, _COMPLETED)
_FIVE_MINUTES, _HOUR = 300, 3600
_GROUP = "Stream and predictor"


def monitored(
    name: str,
    settings: StreamingSettings,
    *,
    stream: aws.kinesis.Stream,
    function: aws.lambda_.Function,
    log_group: aws.cloudwatch.LogGroup,
    queue: aws.sqs.Queue,
    owner: pulumi.Resource,
) -> Monitored:
    """Everything about the stream, the predictor and the queue of what was given up."""
    told = _Told(settings, stream.name, function.name, queue.name)
    return Monitored(
        owner=owner,
        name=name,
        alarms=(*told.losses(), *told.predictor(), *told.silence()),
        panels=told.panels(),
        queries=_queries(log_group.name),
    )


class _Told:
    def __init__(
        self,
        settings: StreamingSettings,
        stream: pulumi.Input[str],
        function: pulumi.Input[str],
        queue: pulumi.Input[str],
    ) -> None:
        self._settings = settings
        self._stream = stream
        self._function = function
        self._queue = queue

    def losses(self) -> tuple[Alarm, ...]:
        """Rides wait, or were given up."""
        seconds = self._settings.iterator_age_alarm_seconds
        return (
            Alarm(
                name="iterator-age",
                meaning=f"rides wait for longer than {seconds} s to be predicted",
                runbook="rides-wait",
                metric=self._lambda("IteratorAge", "Maximum"),
                threshold=seconds * 1000,
                periods=5,
                essential=True,
            ),
            Alarm(
                name="dead-letters",
                meaning="rides were given up; the queue's messages say where in the stream they are",
                runbook="dead-letters",
                metric=Metric(
                    namespace="AWS/SQS",
                    name="ApproximateNumberOfMessagesVisible",
                    dimensions={"QueueName": self._queue},
                    statistic="Maximum",
                ),
                essential=True,
            ),
        )

    def predictor(self) -> tuple[Alarm, ...]:
        """The function fails, is throttled, or refuses a model."""
        return (
            Alarm(
                name="errors",
                meaning="the predictor fails; its log group says why",
                runbook="rides-wait",
                metric=self._lambda("Errors"),
                essential=True,
            ),
            Alarm(
                name="throttles",
                meaning="the account has no concurrency left for the predictor",
                runbook="rides-wait",
                metric=self._lambda("Throttles"),
            ),
            Alarm(
                name="model-refresh-failures",
                meaning="a newly published model is refused; the predictor keeps serving the last good one",
                runbook="bad-model",
                metric=self._own(_REFRESH_FAILURES, 60),
                essential=True,
            ),
        )

    def silence(self) -> tuple[Alarm, ...]:
        """Events arrive and nothing comes of them; or none arrive at all, where the config asks for that."""
        stuck = Alarm(
            name="no-predictions",
            meaning="events arrive, and for 15 minutes nothing was predicted or completed",
            runbook="rides-wait",
            metric=Expression(
                formula="IF(FILL(arrived, 0) > 0 AND FILL(predicted, 0) + FILL(completed, 0) == 0, 1, 0)",
                metrics={
                    "arrived": self._kinesis("IncomingRecords", _FIVE_MINUTES),
                    "predicted": self._own(_PREDICTED, _FIVE_MINUTES),
                    "completed": self._own(_COMPLETED, _FIVE_MINUTES),
                },
                label="events without an outcome",
            ),
            periods=3,
        )
        hours = self._settings.no_events_alarm_hours
        if not hours:
            return (stuck,)
        silent = Alarm(
            name="no-events",
            meaning=f"no event has come for {hours} h",
            runbook="no-events",
            metric=self._kinesis("IncomingRecords", _HOUR),
            threshold=1,
            comparison="<",
            periods=hours,
            missing="breaching",  # a stream without events reports nothing
        )
        return (stuck, silent)

    def panels(self) -> tuple[Panel, ...]:
        """Events in, what becomes of them, and how the function fares."""
        return (
            Panel(
                group=_GROUP,
                title="Events in, rides predicted and completed",
                metrics=(
                    self._kinesis("IncomingRecords", _FIVE_MINUTES),
                    self._own(_PREDICTED, _FIVE_MINUTES),
                    self._own(_COMPLETED, _FIVE_MINUTES),
                ),
            ),
            Panel(
                group=_GROUP,
                title="How long rides wait, ms",
                metrics=(self._lambda("IteratorAge", "Maximum"),),
            ),
            Panel(
                group=_GROUP,
                title="Duration of a batch, ms",
                metrics=(self._lambda("Duration", "p50"), self._lambda("Duration", "p99")),
            ),
            Panel(
                group=_GROUP,
                title="Batches, failures and throttles",
                metrics=(self._lambda("Invocations"), self._lambda("Errors"), self._lambda("Throttles")),
            ),
        )

    def _lambda(self, name: str, statistic: str = "Sum") -> Metric:
        return Metric(
            namespace="AWS/Lambda",
            name=name,
            dimensions={"FunctionName": self._function},
            statistic=statistic,
        )

    def _kinesis(self, name: str, period_seconds: int) -> Metric:
        return Metric(
            namespace="AWS/Kinesis",
            name=name,
            dimensions={"StreamName": self._stream},
            period_seconds=period_seconds,
        )

    def _own(self, name: str, period_seconds: int) -> Metric:
        """A metric of the predictor's embedded log lines, whose dimension is `service`."""
        return Metric(
            namespace=metrics_namespace(),
            name=name,
            dimensions={"service": self._function},
            period_seconds=period_seconds,
        )


def _queries(log_group: pulumi.Input[str]) -> tuple[Query, ...]:
    """Saved queries; the first follows one event, by its id, through every attempt at it."""
    return (
        Query(
            name="follow-event",
            log_groups=(log_group,),
            text="fields @timestamp, level, message, function_request_id, xray_trace_id, model_version\n"
            '| filter first_event <= "EVENT_ID" and last_event >= "EVENT_ID"\n'
            "| sort @timestamp",
        ),
        Query(
            name="predictor-problems",
            log_groups=(log_group,),
            text='fields @timestamp, level, message, first_event, last_event\n| filter level in ["WARNING", '
            '"ERROR"] or @message like /Task timed out|Runtime exited/\n| sort @timestamp desc\n| limit 100',
        ),
        Query(
            name="slow-batches",
            log_groups=(log_group,),
            text='filter message = "batch"\n| stats count() as batches, sum(Records) as records, '
            "pct(BatchLatency, 50) as p50_ms, pct(BatchLatency, 99) as p99_ms by bin(1h)",
        ),
    )
