"""Saved SQL, every run of it, and what runs by itself."""

from console.workbench.models.event import JobEvent
from console.workbench.models.job import Job, JobQuerySet
from console.workbench.models.query import EngineType, Query, QueryVersion
from console.workbench.models.schedule import Schedule, ScheduleQuerySet, Slot, SlotQuerySet

__all__ = [
    "EngineType",
    "Job",
    "JobEvent",
    "JobQuerySet",
    "Query",
    "QueryVersion",
    "Schedule",
    "ScheduleQuerySet",
    "Slot",
    "SlotQuerySet",
]
