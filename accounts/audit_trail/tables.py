"""The table of the audit trail: who did what, when, to which row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.audit_trail.subjects import Subject, subjects_of
from core.models import AuditEvent
from core.tables import Column, OfficeTable

ARROW = "→"


def listed(rows: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Events with who made them, the newest first."""
    return (
        rows.select_related("actor")
        .defer("actor__password", "actor__phone", "actor__last_login")
        .order_by("-at", "-pk")
    )


@dataclass(frozen=True)
class Line:
    """An event as the table shows it."""

    event: AuditEvent
    # The order that it tells about, if it tells about one.
    subject: Subject | None
    # Who did it, and on whose behalf where that was written; empty for the program itself.
    who: str
    # What was before and what came after, a line for each field.
    changes: list[str]


def lines(rows: Iterable[AuditEvent]) -> list[Line]:
    """The events with their orders, all orders in one query."""
    events = list(rows)
    known = subjects_of({event.order_ref or event.ref for event in events})
    return [
        Line(e, known.get(e.order_ref) or known.get(e.ref), _who(e), _changes(e)) for e in events
    ]


def _who(event: AuditEvent) -> str:
    person = str(event.actor) if event.actor else ""
    label = event.actor_label
    return f"{person} ({label})" if person and label and label != person else person or label


def _changes(event: AuditEvent) -> list[str]:
    before, after = event.before or {}, event.after or {}
    return [_change(name, before, after) for name in dict.fromkeys((*before, *after))]


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    old, new = (_text(side[name]) if name in side else "" for side in (before, after))
    return f"{name}: {old} {ARROW} {new}" if name in before else f"{name}: {new}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class AuditTable(OfficeTable):
    """Events of the trail; the page shows them with their subjects."""

    row_template = "accounts/_audit_table_row.html"
    file_name = "audit"

    at = Column(pgettext_lazy("column", "Time"), sort=("at",), value=lambda line: line.event.at)
    verb = Column(_("Event"), sort=("verb",), value=lambda line: line.event.verb)
    kind = Column(
        pgettext_lazy("column", "Kind"), sort=("kind",), value=lambda line: line.event.kind
    )
    order = Column(_("Order"), value=lambda line: line.subject.number if line.subject else "")
    ref = Column(
        pgettext_lazy("column", "Reference"), value=lambda line: line.event.ref, visible=False
    )
    by = Column(
        pgettext_lazy("column", "By"),
        sort=("actor__name", "actor_label"),
        value=lambda line: line.who,
    )
    changes = Column(_("Changes"), value=lambda line: "; ".join(line.changes))
    reason = Column(
        pgettext_lazy("column", "Reason"), value=lambda line: line.event.reason, visible=False
    )

    def as_values(self, exclude_columns: Iterable[str] | None = None) -> Iterator[list[object]]:
        """The file tells the numbers of the orders, too."""
        self.data.data = lines(self.data.data)
        return super().as_values(exclude_columns)
