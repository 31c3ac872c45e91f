"""A component together with the alarms that the monitoring makes of what it tells."""

from typing import Protocol, TypeVar

from components.common.monitored import Monitored
from components.monitoring import Monitoring, MonitoringArgs
from components.monitoring.settings import AlarmSettings

TOPIC, WARNINGS = (f"arn:aws:sns:us-east-1:123456789012:{name}" for name in ("alarms", "warnings"))


class Watched(Protocol):
    """A component that tells what there is to watch."""

    @property
    def monitored(self) -> Monitored: ...


Component = TypeVar("Component", bound=Watched)


def watched(component: Component, level: str = "full") -> Component:
    """The component, its alarms made; for use inside of what `deploy` runs."""
    settings = AlarmSettings(monitoring=level, platform_healthy=True)  # type: ignore[arg-type]  # one of three
    args = MonitoringArgs(
        settings=settings, topic_arn=TOPIC, warning_topic_arn=WARNINGS, monitored=(component.monitored,)
    )
    Monitoring("monitoring", args)
    return component
