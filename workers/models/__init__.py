"""The people who do the work, as rows."""

from workers.models.workers import (
    Absence,
    AvailabilityException,
    Engagement,
    ExceptionPermit,
    LegalLimit,
    Named,
    Restriction,
    SchoolPeriod,
    Skill,
    Strain,
    TravelMode,
    Weekday,
    WeeklyAvailability,
    Worker,
    WorkerStamp,
)

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
