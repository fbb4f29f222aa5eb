"""From an empty database and the example tables of the office to an issued invoice; no browser.

Everything is done as people do it: settings pages, import command, pages and the e-mailed link.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from billing.models import HourEntry, Invoice
from core import clock, outbox
from core.book_checks import broken_invariants
from core.models import OutboxMessage
from dispatch.models import Assignment
from orders.models import Tariff, WorkOrder
from orders.ordering.links import order_token
from tests.oracle import check_invoice_pdf
from workers.models import Worker

pytestmark = pytest.mark.django_db

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FILES = (
    ("customers", "asiakkaat.csv"),
    ("sites", "kohteet.csv"),
    ("task_types", "tehtavat.csv"),
    ("workers", "tyontekijat.xlsx"),
    ("orders", "tilaukset.csv"),
)
IMPORTED = datetime(2027, 6, 1, 7, 0, tzinfo=UTC)
ORDER_DAY = date(2027, 6, 7)  # P-101: Monday 9.00-13.00


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(answer: HttpResponseBase) -> None:
    """The page took what was posted: it leads on, and shows no form with errors."""
    assert answer.status_code == 302, getattr(answer, "content", b"").decode()[:4000]
    assert reverse("account_login") not in answer["Location"]


def office() -> dict[Role, User]:
    """The first administrator sets up the organisation and the people, as deploy.md says."""
    chief = signed_in(User.objects.create_superuser("paa@askare.example", name="Pia Pääkäyttäjä"))
    us = {
        "name": "Askare Saimaa ry", "business_id": "2077474-0", "vat_registered": "on",
        "street": "Valtakatu 30", "postal_code": "53100", "city": "Lappeenranta",
        "phone": "05 123 4567", "email": "palvelu@askare.example", "contact_name": "Liisa",
        "iban": "FI2112345600000785", "bic": "NDEAFIHH", "confirm_within_h": "2",
        "order_notice_min": "120",
    }  # fmt: skip
    sent(chief.post(reverse("admin:accounts_organisation_add"), us))
    for role in (Role.DISPATCHER, Role.COACH, Role.FINANCE):
        row = {
            "email": f"{role.value}@askare.example",
            "name": f"Testi {role.value}",
            "role": role.value,
            "language": "fi",
            "usable_password": "false",
        }
        sent(chief.post(reverse("admin:accounts_user_add"), row))
    return {Role(user.role): user for user in User.objects.all()}


def import_examples() -> list[str]:
    out = io.StringIO()
    for kind, name in FILES:
        call_command("import_rows", kind, str(EXAMPLES / name), stdout=out)
    return out.getvalue().splitlines()


def give_account(dispatcher: Client, worker: Worker) -> None:
    """The table has no e-mail of the worker: the office writes it, a coach and "signs in"."""
    page = dispatcher.get(reverse("dispatch:worker-edit", args=[worker.ref]))
    form = page.context["form"]
    data: dict[str, Any] = {
        name: value
        for name in form.fields
        if (value := form[name].value()) not in (None, "", False)
    }
    data |= {
        "email": "vaino@askare.example",
        "signs_in": "on",
        "coach": User.objects.get(role=Role.COACH).pk,
    }
    sent(dispatcher.post(reverse("dispatch:worker-edit", args=[worker.ref]), data))


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def test_example_tables_to_invoice_nothing_typed_twice() -> None:
    """The files of docs/examples, one order of them, hours, invoice, PDF, hour log."""
    with at(IMPORTED):
        people = office()
        assert import_examples() == [f"{n} new, 0 changed, 0 unchanged." for n in (5, 4, 3, 3, 3)]
        order = WorkOrder.objects.get(works_on=ORDER_DAY)
        assert Tariff.objects.get(pk=order.tariff_ref).hourly_net == Decimal("32.00")
        assert (order.quote_net, order.quote_gross) == (Decimal("128.00"), Decimal("160.64"))
        worker = Worker.objects.get(worker_no="T-01")
        dispatcher = signed_in(people[Role.DISPATCHER])
        give_account(dispatcher, worker)
        offer = {"worker": str(worker.ref), "mode": "offer"}
        sent(dispatcher.post(reverse("dispatch:assign", args=[order.ref]), offer))
    gig = Assignment.objects.get()
    assert (gig.status, gig.worker.worker_no, gig.override_codes) == ("offered", "T-01", [])
    _the_work_is_done(gig)
    token = order_token(order)
    with at(gig.ends_at + timedelta(minutes=9)):
        # The customer has no account: the link in the mail is the door.
        mail = OutboxMessage.objects.get(kind="hours_waiting")
        assert (mail.to, token in mail.body) == ("paivi@pahkina.example", True)
        sent(Client().post(reverse("billing:order-approve-hours-link", args=[token])))
    entry = HourEntry.objects.get()
    assert (entry.status, entry.approved_as, entry.work_min) == ("approved", "customer", 240)
    order.refresh_from_db()
    assert order.status == "closed"
    with at(gig.ends_at + timedelta(days=1)):
        invoice = _billed(signed_in(people[Role.FINANCE]), order)
        assert (invoice.net, invoice.gross) == (order.quote_net, order.quote_gross)
        assert invoice.customer_reference == "KP 400"
        worker.refresh_from_db()
        assert worker.user is not None
        log = signed_in(worker.user).get(
            reverse("billing:hour-log-worker", args=[worker.ref, 2027, 6, "csv"])
        )
        assert logged_min(log.content) == entry.work_min
        outbox.deliver_due(clock.now())
        assert broken_invariants(clock.now()) == []


def _the_work_is_done(gig: Assignment) -> None:
    """The worker accepts, comes three minutes early and leaves two minutes late."""
    assert gig.worker.user is not None
    for name, moment in (
        ("my-accept", IMPORTED + timedelta(hours=2)),
        ("my-check-in", gig.starts_at - timedelta(minutes=3)),
        ("my-check-out", gig.ends_at + timedelta(minutes=2)),
    ):
        with at(moment):
            sent(signed_in(gig.worker.user).post(reverse(f"dispatch:{name}", args=[gig.ref])))
    gig.refresh_from_db()
    assert gig.status == "completed"


def _billed(finance: Client, order: WorkOrder) -> Invoice:
    ready = {"customer": order.customer_id, "until": "2027-06-30"}
    sent(finance.post(reverse("billing:invoice-drafts-make"), ready))
    invoice = Invoice.objects.get()
    sent(finance.post(reverse("billing:invoice-issue", args=[invoice.ref])))
    invoice.refresh_from_db()
    assert invoice.status == "issued"
    pdf = finance.get(reverse("billing:invoice-pdf", args=[invoice.ref]))
    assert check_invoice_pdf(pdf.content) == []
    return invoice


def logged_min(content: bytes) -> int:
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    return sum(int(row[7]) for row in rows)


def test_import_alone_opens_no_account() -> None:
    """Negative control: nobody signs in because a table named them."""
    with at(IMPORTED):
        import_examples()
    assert User.objects.count() == 0
    assert Worker.objects.filter(user__isnull=True).count() == 3
