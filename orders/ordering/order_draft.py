"""One order as it was typed, and why it cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from core.violations import Severity, Violation
from orders.models import Customer, Site, TaskType
from orders.ordering import selectors
from orders.rules.business_id import is_business_id
from orders.rules.order_notice import time_violations
from orders.rules.order_size import size_violations

HARD = Severity.HARD


@dataclass(frozen=True)
class OrderDraft:
    """One order as it was typed and checked by a form; the customer is a row or a Y-tunnus."""

    form_key: UUID
    task_type: TaskType
    works_on: date
    starts: time
    duration_min: int
    people: int
    orderer_name: str
    site_contact_name: str
    customer: Customer | None = None
    business_id: str = ""
    company_name: str = ""
    billing_street: str = ""
    billing_postal_code: str = ""
    billing_city: str = ""
    invoice_email: str = ""
    channel: str = ""
    site: Site | None = None
    street: str = ""
    postal_code: str = ""
    city: str = ""
    pin: tuple[float, float] | None = None
    """Latitude and longitude that the orderer set on the map for a new address."""
    orderer_email: str = ""
    orderer_phone: str = ""
    site_contact_phone: str = ""
    description: str = ""
    wear: str = ""
    hazards: str = ""
    construction_site: bool = False
    coach_on_site: bool = False
    customer_reference: str = ""
    language: str = "fi"
    shown_net: Decimal | None = None
    """Net price that the orderer saw; when ours differs the order is not taken unseen."""


def order_violations(draft: OrderDraft, *, by: User | None, now: datetime) -> list[Violation]:
    """Why this order cannot be taken; empty when it can."""
    found: list[Violation] = []
    if draft.customer is None and not is_business_id(draft.business_id):
        found.append(Violation("order_business_id", HARD, draft.business_id))
    if draft.site is not None and draft.site.customer_id != getattr(draft.customer, "pk", None):
        found.append(Violation("order_site_of_other", HARD, str(draft.site.ref)))
    if not draft.task_type.active:
        found.append(Violation("order_task_not_offered", HARD, draft.task_type.code))
    found += size_violations(draft.duration_min, draft.people)
    notice_min = selectors.notice_min_for(by)
    return found + time_violations(draft.works_on, draft.starts, notice_min=notice_min, now=now)
