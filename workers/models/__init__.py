"""The people who do the work, as rows."""

from workers.models.availability import Absence, AvailabilityException, Weekday, WeeklyAvailability
from workers.models.engagements import Engagement, ExceptionPermit
from workers.models.limits import LegalLimit, SchoolPeriod
from workers.models.skills import Named, Skill, Strain
from workers.models.workers import Restriction, TravelMode, Worker, WorkerStamp

__all__ = [
    "Absence",
    "AvailabilityException",
    "Engagement",
    "ExceptionPermit",
    "LegalLimit",
    "Named",
    "Restriction",
    "SchoolPeriod",
    "Skill",
    "Strain",
    "TravelMode",
    "Weekday",
    "WeeklyAvailability",
    "Worker",
    "WorkerStamp",
]
