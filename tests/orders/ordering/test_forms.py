"""What may be typed into the order form, and what is said when it is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.utils import translation

from core.violations import Severity, Violation
from orders.ordering.forms import CheckForm, WhenForm
from orders.ordering.texts import FIELDS, order_text
from tests import builders

# How early a customer orders is a setting of the organisation.
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DAYS = [date(2026, 11, d) for d in (24, 25, 26, 27)]
GOOD = {
    "day": "2026-11-26",
    "starts": "9",
    "duration": "240",
    "people": "1",
    "street": "Kauppakatu 4",
    "postal_code": "53100",
    "site_contact_name": "Maija",
}


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def when(**changes: str) -> WhenForm:
    return WhenForm({**GOOD, **changes}, now=NOW, days=DAYS)


def test_when_form_good_day_chip() -> None:
    form = when()
    assert form.is_valid(), form.errors
    data = form.cleaned_data
    assert (data["works_on"], data["starts"], data["duration_min"], data["people"]) == (
        date(2026, 11, 26),
        time(9),
        240,
        1,
    )


@pytest.mark.parametrize("typed", ["2026-12-03", "3.12.2026", "03/12/2026"])
def test_when_form_other_day_as_it_is_typed(typed: str) -> None:
    form = when(day="other", day_other=typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["works_on"] == date(2026, 12, 3)


def test_when_form_other_length() -> None:
    form = when(duration="other", duration_other="75")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["duration_min"] == 75


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"day": ""}, "day", "Choose a day."),
        ({"day": "other"}, "day_other", "Enter the day, for example 26.11.2026."),
        ({"day": "other", "day_other": "huomenna"}, "day_other", "Enter the day, for example"),
        ({"day": "other", "day_other": "2026-11-22"}, "day", "That time has passed."),
        ({"day": "other", "day_other": "2028-11-22"}, "day", "within a year"),
        ({"day": "other", "day_other": "2026-11-23", "starts": "10.30"}, "starts", "2 hours"),
        ({"starts": ""}, "starts", "Enter the time, for example 9.00."),
        ({"starts": "25"}, "starts", "Enter the time, for example 9.00."),
        (
            {"day": "other", "day_other": "2027-03-28", "starts": "3.30"},
            "starts",
            "does not exist",
        ),
        ({"duration": "0"}, "duration", "1 to 8 hours"),
        ({"duration": "540"}, "duration", "1 to 8 hours"),
        ({"duration": "other"}, "duration_other", "Choose the length."),
        ({"duration": "other", "duration_other": "0"}, "duration_other", "1 to 8 hours"),
        ({"duration": "other", "duration_other": "540"}, "duration_other", "1 to 8 hours"),
        ({"people": "0"}, "people", "from 1 to 20"),
        ({"people": "200"}, "people", "from 1 to 20"),
        ({"people": "pari"}, "people", "from 1 to 20"),
        ({"street": ""}, "street", "Enter the street and number"),
        ({"postal_code": ""}, "postal_code", "for example 53100"),
        ({"postal_code": "99998"}, "postal_code", "for example 53100"),
        ({"postal_code": "5310"}, "postal_code", "for example 53100"),
        ({"site_contact_name": ""}, "site_contact_name", "Enter the name"),
        ({"site_contact_phone": "12"}, "site_contact_phone", "for example 040"),
    ],
)
def test_when_form_wrong_says_what_to_do(changes: dict[str, str], field: str, words: str) -> None:
    form = when(**changes)
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert words in form.errors[field][0]
    assert form[field].value() == changes.get(field, GOOD.get(field))


def test_when_form_pin_is_a_point_near_the_postcode() -> None:
    form = when(lat="61.07", lon="28.2")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["pin"] == (61.07, 28.2)
    assert form.map_open
    assert not when().map_open


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"lat": "61.07"}, "lon", "longitude from 19 to 32"),
        ({"lon": "28.2"}, "lat", "latitude from 59 to 71"),
        ({"lat": "0", "lon": "28.2"}, "lat", "latitude from 59 to 71"),
        ({"lat": "61.07", "lon": "itään"}, "lon", "longitude from 19 to 32"),
        # Helsinki for a postcode in Lappeenranta.
        ({"lat": "60.17", "lon": "24.94"}, "lat", "far from the postcode"),
    ],
)
def test_when_form_wrong_pin_says_so_and_keeps_it(
    changes: dict[str, str], field: str, words: str
) -> None:
    form = when(**changes)
    assert not form.is_valid()
    assert words in form.errors[field][0]
    for name, typed in changes.items():
        assert form[name].value() == typed


@pytest.mark.django_db
def test_when_form_known_site_keeps_its_own_point() -> None:
    site = builders.site(builders.customer())
    typed = {**GOOD, "site": str(site.ref), "lat": "61.07", "lon": "28.2"}
    form = WhenForm(typed, now=NOW, days=DAYS, sites=site.customer.sites.all())
    assert form.is_valid(), form.errors
    assert "pin" not in form.cleaned_data


def test_when_form_ambiguous_time_is_taken() -> None:
    assert when(day="other", day_other="2027-10-31", starts="3.30").is_valid()


@pytest.mark.django_db
def test_when_form_known_site_needs_no_address() -> None:
    site = builders.site(builders.customer())
    typed = {**GOOD, "street": "", "postal_code": "", "site": str(site.ref)}
    form = WhenForm(typed, now=NOW, days=DAYS, sites=site.customer.sites.all())
    assert form.is_valid(), form.errors
    assert form.cleaned_data["site"] == site


@pytest.mark.django_db
def test_when_form_site_of_another_customer_is_refused() -> None:
    mine, foreign = builders.site(builders.customer()), builders.site(builders.customer())
    typed = {**GOOD, "site": str(foreign.ref)}
    form = WhenForm(typed, now=NOW, days=DAYS, sites=mine.customer.sites.all())
    assert list(form.errors) == ["site"]


CHECK = {
    "form_key": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "business_id": "20774740",
    "company_name": "Kahvila Oy",
    "orderer_name": "Maija",
    "orderer_email": "maija@yritys.example",
    "orderer_phone": "040 123 4567",
}


def test_check_form_good() -> None:
    form = CheckForm(CHECK)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["business_id"] == "2077474-0"
    assert str(form.cleaned_data["orderer_phone"]) == "+358401234567"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"business_id": "2077474-1"}, "business_id"),
        ({"business_id": ""}, "business_id"),
        ({"company_name": ""}, "company_name"),
        ({"orderer_name": ""}, "orderer_name"),
        ({"orderer_email": "maija"}, "orderer_email"),
        ({"orderer_phone": ""}, "orderer_phone"),
        ({"billing_street": "Katu 1"}, "billing_postal_code"),
    ],
)
def test_check_form_wrong_names_the_field(changes: dict[str, str], field: str) -> None:
    assert list(CheckForm({**CHECK, **changes}).errors) == [field]


def test_check_form_known_contact_is_asked_only_what_is_missing() -> None:
    """WCAG 3.3.7: nothing known is asked again."""
    known = {"orderer_name": "Maija", "orderer_email": "m@y.example", "orderer_phone": ""}
    form = CheckForm({"form_key": CHECK["form_key"]}, known=known)
    visible = [f.name for f in form.visible_fields()]
    assert visible == ["orderer_phone", "customer_reference"]


def test_order_form_asks_at_most_ten_things() -> None:
    """A new order takes at most ten required inputs."""
    always = {"day", "starts", "duration", "people", "street", "postal_code", "site_contact_name"}
    filled_in = {"starts", "duration", "people"}
    check = {n for n, f in CheckForm().fields.items() if f.required and n != "form_key"}
    assert len({"task"} | (always - filled_in) | check) <= 10


@pytest.mark.parametrize("code", [*FIELDS, "order_price_changed", "order_not_possible"])
def test_order_text_every_code_has_words(code: str) -> None:
    text = order_text(Violation(code, Severity.HARD, "", {"min": 120}))
    assert text
    assert code not in text


def test_order_text_of_others_is_none() -> None:
    assert order_text(Violation("rest_too_short", Severity.HARD)) is None


@pytest.mark.parametrize("name", ["orderer_name", "company_name", "billing_street"])
@pytest.mark.parametrize("text", ["Maija https://evil.example/x", "Katso WWW.evil.example"])
def test_names_carry_no_web_address_into_our_messages(name: str, text: str) -> None:
    form = CheckForm({**CHECK, name: text})
    assert "Leave web addresses out" in str(form.errors.get(name, "")) or "verkko-osoitetta" in str(
        form.errors.get(name, "")
    )


def test_names_are_of_one_line() -> None:
    """A line break in a name would write a letter of its own in our name."""
    form = CheckForm({**CHECK, "orderer_name": "Maija,\n\nTilisi on lukittu.\n  Virtanen "})
    form.is_valid()
    assert form.cleaned_data["orderer_name"] == "Maija, Tilisi on lukittu. Virtanen"
