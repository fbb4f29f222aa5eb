"""Assignments, punches and plans, as rows."""

from dispatch.models.assignments import STATUS_CHOICES, Assignment, Punch
from dispatch.models.plans import PLAN_STATE_CHOICES, Plan, PlanPart, PlanRow

__all__ = [
    "Assignment",
    "PLAN_STATE_CHOICES",
    "Plan",
    "PlanPart",
    "PlanRow",
    "Punch",
    "STATUS_CHOICES",
]
