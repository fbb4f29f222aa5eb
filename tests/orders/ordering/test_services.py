"""Placing, moving and cancelling an order, and its number."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Role
from core.counters import next_number
from core.models import AuditEvent, OutboxMessage
from core.violations import RuleBroken
from orders import signals
from orders.models import Contact, Customer, Site, Tariff, WorkOrder
from orders.models.lifecycle import OrderAction
from orders.ordering import services
from orders.ordering.links import order_by_token, order_token
from orders.ordering.order_draft import OrderDraft
from orders.ordering.services import StaleStatus, place_order
from tests import builders

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
THU = date(2026, 11, 26)


def draft(**fields: Any) -> OrderDraft:
    builders.tariff("32.00")
    defaults: dict[str, Any] = {
        "form_key": uuid.uuid4(),
        "task_type": builders.task_type(),
        "works_on": THU,
        "starts": time(9),
        "duration_min": 240,
        "people": 1,
        "orderer_name": "Maija Virtanen",
        "orderer_email": "maija@yritys.example",
        "orderer_phone": "+358401234567",
        "site_contact_name": "Pekka",
        "business_id": "2077474-0",
        "company_name": "Kahvila Oy",
        "street": "Kauppakatu 4",
        "postal_code": "53100",
    }
    return OrderDraft(**(defaults | fields))


def codes(wanted: OrderDraft, now: datetime = NOW, by: Any = None) -> list[str]:
    with pytest.raises(RuleBroken) as broken:
        place_order(wanted, by=by, now=now)
    assert not WorkOrder.objects.exists()
    return [v.code for v in broken.value.violations]


# --------------------------------------------------------------------------- placing


def test_place_order_new_company_makes_customer_site_and_order() -> None:
    """The order stands with its price, nothing is typed twice."""
    builders.organisation()
    order = place_order(draft(), by=None, now=NOW)
    order.refresh_from_db()
    assert (order.status, order.number, order.placed_at) == ("placed", 2001, NOW)
    assert (order.starts_at, order.ends_at) == (
        datetime(2026, 11, 26, 7, tzinfo=UTC),
        datetime(2026, 11, 26, 11, tzinfo=UTC),
    )
    assert (order.quote_net, order.quote_vat, order.quote_gross) == (
        Decimal("128.00"),
        Decimal("32.64"),
        Decimal("160.64"),
    )
    (line,) = order.quote_lines
    assert (line["code"], line["minutes"], line["unit_net"]) == ("work", 240, "32.00")
    assert (line["percent"], line["net"]) == (None, "128.00")
    assert order.tariff_ref == str(Tariff.objects.get().pk)
    assert (order.customer.name, order.customer.business_id) == ("Kahvila Oy", "2077474-0")
    assert (order.customer.city, order.customer.customer_no) == ("", "1001")
    assert (order.site.city, order.site.located) == ("Lappeenranta", "postal_code")
    assert Contact.objects.get().name == "Maija Virtanen"
    assert list(AuditEvent.objects.values_list("verb", flat=True)) == [
        "customer.created",
        "order.placed",
    ]


def test_place_order_tells_orderer_and_office_once() -> None:
    builders.organisation()
    wanted = draft()
    order = place_order(wanted, by=None, now=NOW)
    place_order(wanted, by=None, now=NOW)
    mails = {m.kind: m for m in OutboxMessage.objects.all()}
    assert set(mails) == {"order_placed", "order_placed_office"}
    assert OutboxMessage.objects.count() == 2
    assert mails["order_placed"].to == "maija@yritys.example"
    assert mails["order_placed"].subject.startswith("Siivous to 26.11. 9.00–13.00, Kauppakatu 4")
    assert f"/o/{order.ref.hex}~1~" in mails["order_placed"].body
    assert "160,64\u00a0€" in mails["order_placed"].body
    assert mails["order_placed_office"].to == "palvelu@askare.example"


def test_place_order_message_does_not_escape_names() -> None:
    place_order(draft(orderer_name="D'Arcy & Co"), by=None, now=NOW)
    assert "D'Arcy & Co" in OutboxMessage.objects.get(kind="order_placed").body


def test_place_order_twice_with_one_form_key_is_one_order() -> None:
    wanted = draft()
    first = place_order(wanted, by=None, now=NOW)
    later = NOW + timedelta(days=30)  # even when the day is past by then
    assert place_order(replace(wanted, people=5), by=None, now=later) == first
    assert WorkOrder.objects.count() == 1


@pytest.mark.racing
@pytest.mark.django_db(transaction=True)
@pytest.mark.engine
def test_place_order_two_threads_with_one_form_key_are_one_order() -> None:
    """Double submit: both requests pass the first look, the counter row lets one through."""
    wanted, start = draft(), Barrier(4)

    def send() -> int:
        start.wait(timeout=10)
        try:
            return place_order(wanted, by=None, now=NOW).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = {job.result() for job in [pool.submit(send) for _ in range(4)]}
    assert len(numbers) == 1
    assert WorkOrder.objects.count() == 1


def test_place_order_other_form_key_is_another_order() -> None:
    """Negative control of the test above."""
    numbers = [place_order(draft(), by=None, now=NOW).number for _ in range(2)]
    assert numbers == [2001, 2002]


def test_place_order_of_a_closed_customer_is_left_to_the_telephone() -> None:
    builders.customer(business_id="2077474-0", active=False)
    with pytest.raises(RuleBroken) as caught:
        place_order(draft(), by=None, now=NOW)
    assert [v.code for v in caught.value.violations] == ["order_customer_closed"]
    assert not WorkOrder.objects.exists()


def test_place_order_known_business_id_uses_the_customer_and_changes_nothing() -> None:
    known = builders.customer(business_id="2077474-0", name="Vanha Nimi Oy", street="Muu 1")
    order = place_order(draft(company_name="Toinen Nimi"), by=None, now=NOW)
    known.refresh_from_db()
    assert order.customer == known
    assert (known.name, known.street) == ("Vanha Nimi Oy", "Muu 1")
    assert Customer.objects.count() == 1
    assert not known.contacts.exists()


def test_place_order_known_business_id_without_account_pays_the_price_shown() -> None:
    known = builders.customer(business_id="2077474-0")
    wanted = draft()
    builders.tariff("20.00", customer=known)
    assert place_order(wanted, by=None, now=NOW).quote_net == Decimal("128.00")
    mine = draft(customer=known, business_id="")
    assert place_order(mine, by=None, now=NOW).quote_net == Decimal("80.00")


def test_place_order_known_address_keeps_the_pinned_site() -> None:
    known = builders.customer()
    site = builders.site(known, lat=61.5, lon=28.5, located="pin")
    order = place_order(draft(customer=known, street="kauppakatu 4"), by=None, now=NOW)
    assert order.site == site
    assert Site.objects.count() == 1


def test_place_order_pin_of_a_new_address_is_the_point_of_the_site() -> None:
    order = place_order(draft(pin=(61.07, 28.2)), by=None, now=NOW)
    assert (order.site.lat, order.site.lon, order.site.located) == (61.07, 28.2, "pin")
    assert order.site.city == "Lappeenranta"


def test_place_order_pin_does_not_move_a_known_site() -> None:
    """Whoever types a known address without an account cannot move its point."""
    known = builders.customer(business_id="2077474-0")
    site = builders.site(known)
    order = place_order(draft(pin=(61.2, 28.4)), by=None, now=NOW)
    site.refresh_from_db()
    assert order.site == site
    assert (site.lat, site.lon) == (61.0587, 28.1887)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"business_id": "2077474-1"}, ["order_business_id"]),
        ({"works_on": date(2026, 11, 22)}, ["order_in_past"]),
        ({"works_on": date(2026, 11, 23), "starts": time(8)}, ["order_in_past"]),
        ({"works_on": date(2026, 11, 23), "starts": time(10, 59)}, ["order_too_soon"]),
        ({"works_on": date(2028, 1, 1)}, ["order_too_far"]),
        ({"duration_min": 0}, ["order_duration"]),
        ({"duration_min": 540}, ["order_duration"]),
        ({"duration_min": 250}, ["order_duration"]),
        ({"people": 0}, ["order_people"]),
        ({"people": 200}, ["order_people"]),
        ({"works_on": date(2027, 3, 28), "starts": time(3, 30)}, ["order_no_such_time"]),
        ({"postal_code": "99998"}, ["order_postcode"]),
        ({"shown_net": Decimal("127.00")}, ["order_price_changed"]),
        ({"people": 0, "duration_min": 0}, ["order_duration", "order_people"]),
    ],
)
def test_place_order_refused_writes_nothing(fields: dict[str, Any], expected: list[str]) -> None:
    assert codes(draft(**fields)) == expected
    assert not Customer.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_place_order_exactly_two_hours_ahead_is_taken() -> None:
    order = place_order(draft(works_on=date(2026, 11, 23), starts=time(11)), by=None, now=NOW)
    assert order.starts_at == NOW + timedelta(hours=2)


def test_place_order_office_may_order_at_once_but_not_in_the_past() -> None:
    boss = builders.user(Role.DISPATCHER)
    soon = draft(works_on=date(2026, 11, 23), starts=time(9, 15))
    assert codes(draft(works_on=date(2026, 11, 23), starts=time(8, 59)), by=boss) == [
        "order_in_past"
    ]
    assert place_order(soon, by=boss, now=NOW).created_by == boss


def test_place_order_time_that_comes_twice_is_the_first() -> None:
    order = place_order(draft(works_on=date(2027, 10, 31), starts=time(3, 30)), by=None, now=NOW)
    assert order.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_place_order_without_price_is_refused() -> None:
    wanted = draft()
    Tariff.objects.all().delete()
    assert codes(wanted) == ["order_no_price"]


def test_place_order_site_of_another_customer_is_refused() -> None:
    foreign = builders.site(builders.customer())
    assert codes(draft(customer=builders.customer(), site=foreign)) == ["order_site_of_other"]


def test_place_order_task_no_longer_offered_is_refused() -> None:
    task = builders.task_type("old", active=False)
    assert codes(draft(task_type=task)) == ["order_task_not_offered"]


def test_place_order_that_cannot_be_told_undoes_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise RuleBroken.of("x")

    monkeypatch.setattr("orders.ordering.messages.send_order_placed", refuse)
    assert codes(draft()) == ["x"]
    assert not Customer.objects.exists()


# --------------------------------------------------------------------------- numbers


def test_next_number_starts_after_start_and_counts() -> None:
    with transaction.atomic():
        assert [next_number("x", start=41) for _ in range(3)] == [42, 43, 44]


def test_next_number_rolled_back_is_given_again() -> None:
    with transaction.atomic():
        assert next_number("x") == 1
        transaction.set_rollback(True)
    assert next_number("x") == 1


def test_place_order_number_taken_by_an_import_is_passed_over() -> None:
    builders.order(number=2001)
    assert place_order(draft(), by=None, now=NOW).number == 2002


# --------------------------------------------------------------------------- changing


def test_order_action_moves_and_leaves_a_trace() -> None:
    order = builders.order()
    services.apply_order_action(order, OrderAction.FILL, by=None, now=NOW, actor_label="plan")
    order.refresh_from_db()
    assert order.status == "filled"
    event = AuditEvent.objects.get()
    assert (event.verb, event.before, event.after, event.actor_label) == (
        "order.fill",
        {"status": "placed"},
        {"status": "filled"},
        "plan",
    )


def test_order_action_move_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RuleBroken) as broken:
        services.apply_order_action(builders.order(), OrderAction.FINISH, by=None, now=NOW)
    assert [v.code for v in broken.value.violations] == ["order_not_possible"]
    assert not AuditEvent.objects.exists()


def test_order_action_from_an_old_page_is_stale_and_writes_nothing() -> None:
    order = builders.order()
    old_page = WorkOrder.objects.get(pk=order.pk)
    services.cancel_order(order, by=None, now=NOW)
    with pytest.raises(StaleStatus):
        services.apply_order_action(old_page, OrderAction.FILL, by=None, now=NOW)
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert not AuditEvent.objects.filter(verb="order.fill").exists()


def test_cancel_order_tells_receivers_and_orderer() -> None:
    heard: list[Any] = []

    def hear(order: WorkOrder, **kwargs: Any) -> None:
        heard.append((order.pk, order.status))

    signals.order_cancelled.connect(hear)
    try:
        order = services.cancel_order(builders.order(), by=None, now=NOW, reason="Sairastui")
    finally:
        signals.order_cancelled.disconnect(hear)
    order.refresh_from_db()
    assert (order.status, order.cancelled_at) == ("cancelled", NOW)
    assert heard == [(order.pk, "cancelled")]
    assert AuditEvent.objects.get(verb="order.cancel").reason == "Sairastui"
    assert OutboxMessage.objects.get(kind="order_cancelled").to == order.orderer_email


def test_cancel_order_work_under_way_is_refused() -> None:
    with pytest.raises(RuleBroken):
        services.cancel_order(builders.order(status="in_progress"), by=None, now=NOW)


def test_move_order_sets_time_and_promises_the_price_anew() -> None:
    """The price before and after is in the audit trail."""
    builders.tariff("32.00")
    Tariff.objects.create(valid_from=date(2026, 12, 1), hourly_net=Decimal(40))
    order = services.move_order(builders.order(), date(2026, 12, 3), time(10), by=None, now=NOW)
    order.refresh_from_db()
    assert (order.starts_at, order.ends_at) == (
        datetime(2026, 12, 3, 8, tzinfo=UTC),
        datetime(2026, 12, 3, 12, tzinfo=UTC),
    )
    assert order.quote_net == Decimal("160.00")
    event = AuditEvent.objects.get(verb="order.moved")
    assert (event.before["quote_gross"], event.after["quote_gross"]) == ("160.64", "200.80")
    assert OutboxMessage.objects.get(kind="order_moved").subject.startswith("Siivous to 3.12.")


def test_move_order_by_someone_else_meanwhile_is_stale() -> None:
    order = builders.order()
    old_page = WorkOrder.objects.get(pk=order.pk)
    services.move_order(order, date(2026, 12, 3), time(10), by=None, now=NOW)
    with pytest.raises(StaleStatus):
        services.move_order(old_page, date(2026, 12, 4), time(10), by=None, now=NOW)
    order.refresh_from_db()
    assert order.works_on == date(2026, 12, 3)


@pytest.mark.parametrize("status", ["in_progress", "done", "closed", "cancelled"])
def test_move_order_too_late_is_refused(status: str) -> None:
    with pytest.raises(RuleBroken):
        services.move_order(builders.order(status=status), THU, time(10), by=None, now=NOW)


def test_move_order_unfilled_order_looks_for_a_worker_again() -> None:
    order = builders.order(status="unfilled")
    services.move_order(order, date(2026, 12, 3), time(9), by=None, now=NOW)
    order.refresh_from_db()
    assert order.status == "placed"


def test_move_order_keeps_the_customers_own_price() -> None:
    owner = builders.customer()
    builders.tariff("32.00")
    own = builders.tariff("20.00", customer=owner)
    order = builders.order(customer=owner, tariff_ref=str(own.pk))
    services.move_order(order, date(2026, 12, 3), time(9), by=None, now=NOW)
    assert order.quote_net == Decimal("80.00")


# --------------------------------------------------------------------------- customers, sites


def test_new_link_ends_the_old_ones_and_reaches_the_orderer_alone() -> None:
    order = builders.order(orderer_email="maija@yritys.example")
    old = order_token(order)
    services.renew_link(order, by=builders.user(), now=NOW)
    assert order_by_token(old) is None
    fresh = order_token(WorkOrder.objects.get(pk=order.pk))
    assert order_by_token(fresh) == order
    (mail,) = OutboxMessage.objects.filter(kind="order_link")
    assert mail.to == "maija@yritys.example"
    assert fresh in mail.body
    assert AuditEvent.objects.filter(verb="order.link_renewed", ref=str(order.ref)).exists()


def test_place_order_other_details_than_the_card_are_told_to_the_office() -> None:
    """Anybody may write a business ID: a card may come from somebody who is not of the company."""
    builders.organisation()
    builders.customer(
        business_id="2077474-0", name="Kahvila Oy", invoice_email="vale@toinen.example"
    )
    place_order(
        draft(company_name="Kahvila Oy", invoice_email="laskut@yritys.example"), by=None, now=NOW
    )
    body = OutboxMessage.objects.get(kind="order_placed_office").body
    assert "laskut@yritys.example" in body
    assert "vale@toinen.example" not in body


def test_place_order_same_details_say_nothing_more() -> None:
    builders.organisation()
    for _ in range(2):
        place_order(draft(), by=None, now=NOW)
    bodies = OutboxMessage.objects.filter(kind="order_placed_office").values_list("body", flat=True)
    assert len(bodies) == 2
    assert not any("kortilla" in body for body in bodies)
