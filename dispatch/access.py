"""Whose assignments and workers a person may see; nothing by default."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import OFFICE, roles
from accounts.models import Role, User
from dispatch.models import Assignment
from workers.models import Worker

office = roles(*OFFICE)
with_coach = roles(*OFFICE, Role.COACH)
SEES_ALL = frozenset({Role.DISPATCHER, Role.ADMIN, Role.MANAGER})


def workers_for(user: User) -> QuerySet[Worker]:
    """All for the office and managers, the coached ones for a coach, oneself for a worker."""
    rows = Worker.objects.select_related("user", "coach")
    if user.role in SEES_ALL:
        return rows
    if user.role == Role.COACH:
        return rows.filter(coach=user)
    if user.role == Role.WORKER:
        return rows.filter(user=user)
    return rows.none()


def get_worker(user: User, ref: UUID | str) -> Worker:
    """The worker, or Http404 when it is not this person's to see."""
    return get_object_or_404(workers_for(user), ref=ref)


def assignments_for(user: User) -> QuerySet[Assignment]:
    """Assignments of the workers that this person may see; finance sees all for the hours."""
    rows = Assignment.objects.select_related(
        "worker", "order", "order__customer", "order__site", "order__task_type"
    )
    if user.role in SEES_ALL or user.role == Role.FINANCE:
        return rows
    if user.role == Role.COACH:
        return rows.filter(worker__coach=user)
    if user.role == Role.WORKER:
        return rows.filter(worker__user=user)
    return rows.none()


def get_assignment(user: User, ref: UUID | str) -> Assignment:
    """The assignment, or Http404 when it is not this person's to see."""
    return get_object_or_404(assignments_for(user), ref=ref)


def on_behalf(user: User) -> str:
    """How the trail names a person who acts for a worker."""
    return "coach on behalf" if user.role == Role.COACH else "office on behalf"
