"""Assignments, punches and plans, as rows."""

from dispatch.models.assignments import (
    PLAN_STATE_CHOICES,
    STATUS_CHOICES,
    Assignment,
    Plan,
    PlanPart,
    PlanRow,
    Punch,
)

__all__ = [
    "Assignment",
    "PLAN_STATE_CHOICES",
    "Plan",
    "PlanPart",
    "PlanRow",
    "Punch",
    "STATUS_CHOICES",
]
