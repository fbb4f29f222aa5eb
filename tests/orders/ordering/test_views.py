"""Start page and ordering in three steps: the pages as people use them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse

from orders.models import Tariff, WorkOrder
from orders.ordering.links import order_token
from orders.ordering.views import order_estimate
from tests import builders
from tests.orders.pages import hidden, sign_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
WHEN = {
    "day": "2026-11-26",
    "starts": "9",
    "duration": "240",
    "people": "1",
    "street": "Kauppakatu 4",
    "postal_code": "53100",
    "site_contact_name": "Pekka Pesonen",
}
CHECK = {
    "business_id": "2077474-0",
    "company_name": "Kahvila Oy",
    "orderer_name": "Maija Virtanen",
    "orderer_email": "maija@yritys.example",
    "orderer_phone": "040 123 4567",
}


def step_1(web: Client) -> None:
    answer = web.post("/order/", {"task": "cleaning"})
    assert (answer.status_code, answer["Location"]) == (302, "/order/when/")


def step_2(web: Client, **changes: str) -> Any:
    return web.post("/order/when/", {**WHEN, **changes})


def at_step_3(web: Client, **changes: str) -> dict[str, str]:
    step_1(web)
    assert step_2(web, **changes)["Location"] == "/order/check/"
    return hidden(web.get("/order/check/").content.decode())


# --------------------------------------------------------------------------- start page


def test_home_shows_prices_and_the_way_in(web: Client) -> None:
    page = web.get("/")
    assert "€32.00" in words(page) or "32.00 €" in words(page)
    assert 'href="/order/"' in page.content.decode()
    assert reverse("account_login") in page.content.decode()


def test_home_signed_in_customer_goes_to_own_orders(web: Client) -> None:
    person = builders.contact(builders.customer()).user
    assert sign_in(web, person).get("/")["Location"] == "/orders/"


def test_home_without_catalogue_still_answers(web: Client) -> None:
    Tariff.objects.all().delete()
    WorkOrder.objects.all().delete()
    assert web.get("/").status_code == 200


# --------------------------------------------------------------------------- three steps


def test_order_three_steps_make_one_order(web: Client) -> None:
    """A new firm orders its first gig in three short steps."""
    typed = at_step_3(web)
    answer = web.post("/order/check/", {**CHECK, **typed})
    order = WorkOrder.objects.get()
    assert answer["Location"].endswith(f"/o/{order_token(order)}/")
    assert (order.customer.name, order.site.city, order.quote_gross) == (
        "Kahvila Oy",
        "Lappeenranta",
        Decimal("160.64"),
    )
    assert str(order.site_contact_phone) == "+358401234567"
    assert order.language == "en"
    assert web.get("/order/check/")["Location"] == "/order/"


def test_order_sent_twice_is_one_order(web: Client) -> None:
    typed = at_step_3(web)
    first = web.post("/order/check/", {**CHECK, **typed})
    again = web.post("/order/check/", {**CHECK, **typed})
    assert first["Location"] == again["Location"]
    assert WorkOrder.objects.count() == 1


def test_order_sent_at_the_same_time_from_two_tabs_is_one_order(web: Client) -> None:
    """The second request read the session before the first one wrote it."""
    typed = at_step_3(web)
    before = dict(web.session)
    first = web.post("/order/check/", {**CHECK, **typed})
    session = web.session
    session.pop("orders_sent")
    session["order_draft"] = before["order_draft"]
    session.save()
    assert web.post("/order/check/", {**CHECK, **typed})["Location"] == first["Location"]
    assert WorkOrder.objects.count() == 1


def test_order_estimate_that_comes_late_does_not_undo_the_step(web: Client, rf: Any) -> None:
    """It was on its way when Continue was pressed, with the session of before."""
    step_1(web)
    stale = SessionStore(web.session.session_key)
    assert not stale["order_draft"].get("done")
    request = rf.post("/order/estimate/", {**WHEN, "site_contact_name": ""})
    request.session, request.user = stale, AnonymousUser()
    assert step_2(web)["Location"] == "/order/check/"
    assert order_estimate(request, hint=lambda *_a, **_k: None).status_code == 200
    if stale.modified:
        stale.save()
    typed = hidden(web.get("/order/check/").content.decode())
    assert web.post("/order/check/", {**CHECK, **typed})["Location"].startswith("/o/")


def test_order_estimate_keeps_what_is_being_typed(web: Client) -> None:
    """The control: a step that was not sent yet is kept from the estimate."""
    step_1(web)
    web.post(reverse("dispatch:order-estimate"), {**WHEN, "street": "Raatimiehenkatu 1"})
    assert "Raatimiehenkatu 1" in web.get("/order/when/").content.decode()


def test_order_new_order_after_the_first_is_a_second(web: Client) -> None:
    """Negative control: another form is another order."""
    for _ in range(2):
        web.post("/order/check/", {**CHECK, **at_step_3(web)})
    assert WorkOrder.objects.count() == 2


def test_order_with_a_strangers_form_key_tells_nothing(web: Client) -> None:
    order = builders.order()
    typed = at_step_3(web)
    answer = web.post("/order/check/", {**CHECK, **typed, "form_key": str(order.form_key)})
    assert answer["Location"] == "/order/check/"
    assert WorkOrder.objects.count() == 1


def test_order_known_business_id_reveals_nothing(web: Client) -> None:
    builders.customer(business_id="2077474-0", name="Salainen Oy", street="Salakuja 1")
    typed = at_step_3(web)
    page = web.post("/order/check/", {**CHECK, **typed, "orderer_email": "x"})
    assert page.status_code == 200
    assert "Sala" not in words(page)


def test_order_steps_cannot_be_jumped_over(web: Client) -> None:
    assert web.get("/order/when/")["Location"] == "/order/"
    assert web.get("/order/check/")["Location"] == "/order/"
    step_1(web)
    assert web.get("/order/check/")["Location"] == "/order/when/"


def test_order_without_a_task_says_so(web: Client) -> None:
    page = web.post("/order/", {})
    assert "Choose what you need." in words(page)
    assert 'aria-invalid="true"' in page.content.decode()


def test_order_wrong_step_2_keeps_everything_typed(web: Client) -> None:
    step_1(web)
    page = step_2(web, postal_code="99998", hazards="Liukas piha", starts="930")
    text = page.content.decode()
    assert page.status_code == 200
    assert "for example 53100" in words(page)
    for kept in ('value="99998"', 'value="Liukas piha"', 'value="930"', 'value="Pekka Pesonen"'):
        assert kept in text
    assert '<details class="field" open>' in text


def test_order_draft_survives_a_lost_line_and_a_change_of_language(web: Client) -> None:
    """Whatever was typed is there again."""
    step_1(web)
    web.post("/order/estimate/", {**WHEN, "street": "Raatimiehenkatu 1", "people": "3"})
    web.cookies["django_language"] = "sv"
    page = web.get("/order/when/")
    assert 'value="Raatimiehenkatu 1"' in page.content.decode()
    assert 'lang="sv"' in page.content.decode()
    assert "errors-title" not in page.content.decode()


def test_order_estimate_fragment_counts(web: Client) -> None:
    step_1(web)
    answer = web.post("/order/estimate/", {**WHEN, "people": "2", "street": ""})
    text = words(answer)
    assert "<html" not in answer.content.decode()
    assert "256.00" in text
    assert "321.28" in text


def test_order_estimate_says_what_is_missing(web: Client) -> None:
    step_1(web)
    nothing = web.post("/order/estimate/", {"starts": "9"})
    assert "the price comes here" in words(nothing)
    wrong = web.post("/order/estimate/", {**WHEN, "people": "200"})
    assert "from 1 to 20" in words(wrong)


def test_order_estimate_without_a_task_is_404(web: Client) -> None:
    assert web.post("/order/estimate/", WHEN).status_code == 404


def test_order_estimate_least_charge_is_named(web: Client) -> None:
    step_1(web)
    answer = web.post("/order/estimate/", {**WHEN, "duration": "other", "duration_other": "60"})
    assert "64.00" in words(answer)
    assert "least charge" in words(answer)


def test_order_calculate_button_works_without_scripts(web: Client) -> None:
    step_1(web)
    answer = step_2(web, calculate="1", street="", people="2")
    assert answer["Location"] == "/order/when/"
    page = web.get("/order/when/")
    assert "256.00" in words(page)
    assert "errors-title" not in page.content.decode()


def test_order_no_tariff_for_the_day_is_said_in_words(web: Client) -> None:
    Tariff.objects.update(valid_from=date(2027, 1, 1))
    step_1(web)
    page = web.post("/order/estimate/", WHEN)
    assert "We have no price for that day yet." in words(page)
    assert step_2(web)["Location"] == "/order/check/"
    assert web.get("/order/check/")["Location"] == "/order/when/"


def test_order_price_changed_meanwhile_is_shown_before_sending(web: Client) -> None:
    typed = at_step_3(web)
    Tariff.objects.update(hourly_net=Decimal(40))
    page = web.post("/order/check/", {**CHECK, **typed})
    assert "The price has changed" in words(page)
    assert "160.00" in words(page)
    again = {**typed, **hidden(page.content.decode())}
    assert web.post("/order/check/", {**CHECK, **again}).status_code == 302
    assert WorkOrder.objects.get().quote_net == Decimal("160.00")


def test_order_time_runs_out_at_step_3_goes_back_with_words(web: Client, time_machine: Any) -> None:
    typed = at_step_3(web)
    time_machine.move_to(datetime(2026, 11, 26, 6, tzinfo=UTC))
    answer = web.post("/order/check/", {**CHECK, **typed}, follow=True)
    assert answer.redirect_chain[-1][0] == "/order/when/"
    assert "at least 2 hours" in words(answer)
    assert not WorkOrder.objects.exists()


def test_order_check_shows_everything_with_change_links(web: Client) -> None:
    at_step_3(web, hazards="Liukas piha")
    text = words(web.get("/order/check/"))
    for part in (
        "Cleaning",
        "Thu 26 Nov 2026",
        "9:00 (4 h)",
        "Kauppakatu 4, 53100 Lappeenranta",
        "Pekka Pesonen meets the worker",
        "Liukas piha",
        "No payment now. We confirm within 2 hours.",
        "160.64",
    ):
        assert part in text
    assert text.count("Change") >= 4


def test_order_light_brake_for_people_without_account(web: Client) -> None:
    for _ in range(10):
        assert web.post("/order/check/", {**CHECK, **at_step_3(web)}).status_code == 302
    page = web.post("/order/check/", {**CHECK, **at_step_3(web)})
    assert "Please call us: 05 123 4567" in words(page)
    assert WorkOrder.objects.count() == 10


# --------------------------------------------------------------------------- signed in


def test_order_signed_in_contact_skips_what_is_known(web: Client) -> None:
    owner = builders.customer()
    person = builders.contact(owner, phone="+358401112222", email="c@y.example").user
    site = builders.site(owner)
    sign_in(web, person)
    step_1(web)
    assert f'value="{site.ref}"' in web.get("/order/when/").content.decode()
    typed = {**WHEN, "street": "", "postal_code": "", "site": str(site.ref)}
    assert web.post("/order/when/", typed)["Location"] == "/order/check/"
    page = web.get("/order/check/").content.decode()
    assert 'name="business_id"' not in page
    assert 'name="orderer_email"' not in page
    answer = web.post("/order/check/", hidden(page))
    order = WorkOrder.objects.get()
    assert answer.status_code == 302
    assert (order.customer, order.site, order.created_by) == (owner, site, person)
    assert (order.orderer_email, str(order.orderer_phone)) == ("c@y.example", "+358401112222")


def test_order_signed_in_contact_gets_the_own_price(web: Client) -> None:
    owner = builders.customer()
    builders.tariff("20.00", customer=owner)
    sign_in(web, builders.contact(owner).user)
    step_1(web)
    assert "80.00" in words(web.post("/order/estimate/", WHEN))


def test_sent_order_is_thanked_for_and_a_team_is_told_how_the_hours_come(web: Client) -> None:
    step_1(web)
    assert "2 people × 4 h" in words(web.post("/order/estimate/", {**WHEN, "people": "2"}))
    assert "people ×" not in words(web.post("/order/estimate/", WHEN))
    web.post("/order/when/", {**WHEN, "people": "2"})
    typed = {**hidden(web.get("/order/check/").content.decode()), **CHECK}
    text = words(web.post("/order/check/", typed, follow=True))
    assert f"Thank you! We have your order {WorkOrder.objects.get().number}." in text
    again = words(web.post("/order/check/", typed, follow=True))
    assert "Thank you!" not in again


def test_question_as_label_gets_no_colon_in_the_list_of_mistakes(web: Client) -> None:
    text = words(web.post("/order/", {}))
    assert "What do you need? Choose what you need." in text
    assert "?:" not in text


# --------------------------------------------------------------------------- the office


def test_order_places_name_the_ground_of_the_map(web: Client) -> None:
    text = web.get("/order/places/?postal_code=00100").content.decode()
    assert text.count("<li ") == 24
    assert "00100 Helsinki" in text.split("</li>")[0]
    unknown = web.get("/order/places/?postal_code=zz").content.decode()
    assert "53100 Lappeenranta" in unknown.split("</li>")[0]


def test_order_pin_travels_from_the_form_to_the_site(web: Client) -> None:
    typed = at_step_3(web, lat="61.07", lon="28.2")
    assert "point set on the map" in words(web.get("/order/check/"))
    web.post("/order/check/", {**CHECK, **typed})
    site = WorkOrder.objects.get().site
    assert (site.lat, site.lon, site.located) == (61.07, 28.2, "pin")


def test_order_unknown_company_with_a_right_number_is_welcome(web: Client) -> None:
    """No register is asked: the check digit counts, and a wrong one is said in words."""
    typed = at_step_3(web)
    wrong = web.post("/order/check/", {**CHECK, **typed, "business_id": "2077474-1"})
    assert "Check the business ID, for example 2077474-0." in words(wrong)
    assert 'value="Kahvila Oy"' in wrong.content.decode()
    assert web.post("/order/check/", {**CHECK, **typed}).status_code == 302


@pytest.mark.parametrize(
    ("day", "starts", "words_said"),
    [
        ("2027-03-28", "3.30", "The clocks go forward that night"),
        ("2027-03-28", "2.30", "32.00"),
        ("2027-10-31", "3.30", "32.00"),
    ],
)
def test_order_clock_change_sundays(web: Client, day: str, starts: str, words_said: str) -> None:
    """Elapsed hours count: 4 h stay 4 h, and a time that does not exist is said to be so."""
    step_1(web)
    changes = {"day": "other", "day_other": day, "starts": starts}
    page = web.post("/order/estimate/", {**WHEN, **changes})
    assert words_said in words(page)


def test_pages_are_free_of_inline_style_and_script(web: Client) -> None:
    """CSP: nothing inline, nothing from other hosts."""
    at_step_3(web)
    for url in ("/", "/order/", "/order/when/", "/order/check/"):
        text = web.get(url).content.decode()
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\bsrc=)", text), url
        assert not re.search(r'(src|href)="https?://(?!testserver)', text), url
