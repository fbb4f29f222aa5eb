"""The one door to the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from core.models import AuditEvent


def record(
    verb: str,
    *,
    kind: str,
    ref: object,
    by: AbstractBaseUser | None,
    now: datetime,
    order_ref: object = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    actor_label: str = "",
) -> AuditEvent:
    """Append one event, for example `record("order.cancelled", kind="order", ref=order.ref, …)`.

    Call it inside the transaction of the change, so that neither exists without the other.
    """
    row = event(
        verb, kind=kind, ref=ref, by=by, now=now, order_ref=order_ref, before=before, after=after,
        reason=reason, actor_label=actor_label,
    )  # fmt: skip
    row.save(force_insert=True)
    return row


def record_all(events: Iterable[AuditEvent]) -> None:
    """Append many events made by `event`, in their order; else as `record`."""
    AuditEvent.objects.bulk_create(events, batch_size=500)


def event(
    verb: str,
    *,
    kind: str,
    ref: object,
    by: AbstractBaseUser | None,
    now: datetime,
    order_ref: object = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    actor_label: str = "",
) -> AuditEvent:
    """An event that is not written yet, for `record_all`."""
    return AuditEvent(
        at=now,
        actor_id=by.pk if by else None,
        # Names may be longer than the label; PostgreSQL refuses the row then, and with it the deed.
        actor_label=(actor_label or (str(by) if by else ""))[:60],
        verb=verb,
        kind=kind,
        ref=str(ref),
        order_ref=str(order_ref),
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason[:300],
    )
