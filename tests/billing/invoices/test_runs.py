"""The month run: each invoice once, whoever is killed and wherever."""

from __future__ import annotations

import random
import signal
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from billing import tasks
from billing.invoices import runs, services
from billing.models import Invoice
from billing.models.invoices import InvoiceRun, InvoiceSplit
from core.book_checks import broken_invariants
from core.models import OutboxMessage
from orders.models import Customer
from tests import builders, racing
from tests.billing import world
from tests.billing.invoices.test_numbering import NOW, drafts
from tests.billing.world import BILLING
from tests.rounds import how_many

pytestmark = pytest.mark.engine

# A process dies at a statement of its first six invoices or so; each takes some 24.
KILLS, FURTHEST = how_many(4, 10), 150
MANY = how_many(30, 60)


def started(count: int) -> InvoiceRun:
    rows = drafts(count)
    run = runs.start(rows, by=builders.user(Role.FINANCE), now=NOW)
    assert run is not None
    return run


def mails() -> Counter[str]:
    return Counter(OutboxMessage.objects.filter(kind="invoice").values_list("key", flat=True))


def all_once(count: int) -> None:
    numbers = list(Invoice.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1001, 1001 + count))
    assert set(Invoice.objects.values_list("status", flat=True)) == {"sent"}
    assert sorted(mails().values()) == [1] * count


@pytest.mark.racing
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_run_killed_at_random_again_and_again_loses_and_doubles_nothing() -> None:
    """kill -9 at any point: 0 lost, 0 twice, numbers without a gap."""
    run = started(MANY)
    points = random.Random(7)  # noqa: S311 - the same points each time
    for turn in range(1, KILLS + 1):
        child = racing.start("tests.billing.run_child", run.pk, turn, points.randint(1, FURTHEST))
        child.communicate()
        assert child.returncode == -signal.SIGKILL
    assert 0 < run.rows.filter(state="sent").count() < MANY, "cut off in the middle"
    racing.ended([racing.start("tests.billing.run_child", run.pk, KILLS + 1, 0)])
    all_once(MANY)
    assert set(run.rows.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db
def test_run_cut_off_between_issue_and_send_goes_on_with_the_sending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = started(3)
    real, cut = services.send_invoice, iter((False, True))

    def breaks(invoice: Invoice, **fields: object) -> Invoice:
        if next(cut, False):
            raise SystemExit
        return real(invoice, **fields)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "send_invoice", breaks)
    with pytest.raises(SystemExit):
        runs.work(run, now=NOW)
    assert sorted(Invoice.objects.values_list("status", flat=True)) == ["draft", "issued", "sent"]
    assert runs.work(run, now=NOW + timedelta(seconds=5)) == 2, "the lease is not over"
    assert runs.work(run, now=NOW + timedelta(minutes=5)) == 0
    all_once(3)


@pytest.mark.django_db
def test_control_a_run_that_forgets_the_state_is_refused_by_the_invoice() -> None:
    """Without the look at the state a second pass would send twice: the invoice says no."""
    run = started(1)
    runs.work(run, now=NOW)
    run.rows.update(state="waiting")
    InvoiceRun.objects.update(finished_at=None)
    runs.work(run, now=NOW + timedelta(minutes=5))
    all_once(1)


@pytest.mark.django_db
def test_one_that_fails_does_not_stop_the_others_and_says_why() -> None:
    run = started(2)
    Customer.objects.update(invoice_email="")
    runs.work(run, now=NOW)
    assert set(run.rows.values_list("state", flat=True)) == {"issued"}
    assert runs.problems_of(run.rows.first())[0].code == "customer_invoice_email"  # type: ignore[arg-type]


@pytest.mark.django_db
def test_large_run_is_left_to_the_queue_and_shows_how_far_it_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = drafts(runs.AT_ONCE + 1)
    finance = builders.user(Role.FINANCE)
    client.force_login(finance, "allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["django_language"] = "en"
    client.post(reverse("billing:invoice-run"), {"invoice": [str(r.ref) for r in rows]})
    shown = client.get(reverse("billing:invoice-result")).content.decode()
    assert f"0 of {len(rows)} done" in shown
    assert tasks.continue_runs() == 0
    assert (
        f"{len(rows)} invoices sent"
        in client.get(reverse("billing:invoice-result")).content.decode()
    )
    all_once(len(rows))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("split", "count"), [(None, 2), ("reference", 2), ("customer", 1), ("site", 2)]
)
def test_drafts_are_split_as_the_customer_wants(split: str | None, count: int) -> None:
    builders.organisation()
    customer = builders.customer()
    places = [builders.site(customer), builders.site(customer, street="Toinen 2")]
    for n, (reference, place) in enumerate((("A", 0), ("A", 0), ("B", 1))):
        world.approved(
            world.order(
                customer=customer,
                customer_reference=reference,
                site=places[place],
                on=world.THURSDAY - timedelta(days=n),
            )
        )
    if split:
        InvoiceSplit.objects.create(customer=customer, split=split)
    found = services.make_drafts([customer.pk], until=BILLING.date(), by=None, now=BILLING)
    assert len(found) == count
    assert sum(draft.lines.count() for draft in found) == 3
    if split == "customer":
        assert found[0].customer_reference == ""
    assert broken_invariants() == []


@pytest.mark.django_db
def test_wish_is_changed_on_its_page(client: Client) -> None:
    builders.organisation()
    customer = builders.customer()
    finance: User = builders.user(Role.FINANCE)
    client.force_login(finance, "allauth.account.auth_backends.AuthenticationBackend")
    url = reverse("billing:invoice-wish", args=[customer.ref])
    assert client.get(url).status_code == 200
    assert client.post(url, {"split": "nothing"}).status_code == 422
    assert client.post(url, {"split": "site"}).status_code == 302
    assert InvoiceSplit.objects.get(customer=customer).split == "site"
