"""The break that the law asks for, and the minutes that are left. Pure."""

from __future__ import annotations

from datetime import datetime

from core.zone import HELSINKI, local_date
from workers.rules.worktime_facts import PersonFacts, required_break_min
from workers.rules.worktime_limits import LegalLimits


def usual_break(person: PersonFacts, start: datetime, end: datetime, limits: LegalLimits) -> int:
    """The break, in minutes, that the law asks for between two instants; at least one is worked."""
    minutes = int((end - start).total_seconds()) // 60
    return min(
        required_break_min(person, minutes, local_date(start, HELSINKI), limits), minutes - 1
    )


def worked(start: datetime, end: datetime, break_min: int) -> int:
    """Elapsed minutes less the break."""
    return int((end - start).total_seconds()) // 60 - break_min
