"""Alarms, dashboard, saved queries: what all components have told of themselves."""

from components.monitoring.component import Monitoring as Monitoring
from components.monitoring.component import MonitoringArgs as MonitoringArgs
