"""Office hours."""

from components.schedule.component import Schedule as Schedule
from components.schedule.component import ScheduleArgs as ScheduleArgs
