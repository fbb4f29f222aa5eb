"""Settings pages of the catalogue and its prices, and the first steps of a new organisation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, Role, User
from core.models import AuditEvent
from orders.models import Tariff, TariffSupplement, TaskType
from orders.prices.forms import PICTURES
from tests import builders

pytestmark = pytest.mark.django_db
US = {
    "name": "Askare Saimaa ry", "business_id": "2077474-0", "vat_registered": "on",
    "street": "Valtakatu 30", "postal_code": "53100", "city": "Lappeenranta",
    "phone": "05 123 4567", "email": "palvelu@askare.example", "confirm_within_h": "2",
    "iban": "FI21 1234 5600 0007 85", "bic": "ndeafihh", "order_notice_min": "120",
}  # fmt: skip
TASK = {
    "code": "cleaning", "name_fi": "Siivous", "name_sv": "Städning", "name_en": "Cleaning",
    "icon": "truck", "min_age": "15", "sort": "100", "active": "on", "light_work": "on",
}  # fmt: skip
PRICE = {
    "valid_from": "2026-01-01",
    "hourly_net": "32.00",
    "min_charge_min": "120",
    "vat_kind": "general",
    "supplements-TOTAL_FORMS": "0",
    "supplements-INITIAL_FORMS": "0",
}


@pytest.fixture
def chief() -> User:
    return builders.user(Role.ADMIN, is_staff=True, is_superuser=True)


@pytest.fixture
def pages(chief: User) -> Client:
    client = Client()
    client.force_login(chief)
    client.cookies["django_language"] = "en"
    return client


def extra(kind: str, start: str, end: str, percent: str = "50") -> dict[str, str]:
    row = {"kind": kind, "percent": percent, "from_min": start, "to_min": end}
    return {f"supplements-0-{k}": v for k, v in row.items()} | {"supplements-TOTAL_FORMS": "1"}


def says(answer: Any) -> str:
    page = lxml.html.fromstring(answer.content)
    errors = page.xpath("//*[contains(@class, 'errorlist')]")
    return " ".join(" ".join(e.text_content() for e in errors).split())


# --------------------------------------------------------------------------- our organisation


def test_organisation_is_kept_as_documents_write_it(pages: Client) -> None:
    answer = pages.post(reverse("admin:accounts_organisation_add"), US)
    assert answer.status_code == 302, says(answer)
    us = Organisation.objects.get()
    assert (us.iban, us.bic) == ("FI2112345600000785", "NDEAFIHH")


@pytest.mark.parametrize(
    ("name", "typed", "remedy"),
    [
        ("business_id", "2077474-1", "This is not a Y-tunnus."),
        ("postal_code", "5310", "Enter a Finnish postcode"),
        ("iban", "FI21 1234 5600 0007 86", "its check digits do not match"),
        ("iban", "EE382200221020145685", "Enter a Finnish account number"),
        ("bic", "NORDEA", "Enter the bank's BIC"),
    ],
)
def test_organisation_wrong_detail_is_named_and_kept_in_the_form(
    pages: Client, name: str, typed: str, remedy: str
) -> None:
    """What documents and banks would refuse weeks later is refused here."""
    answer = pages.post(reverse("admin:accounts_organisation_add"), US | {name: typed})
    assert remedy in says(answer)
    assert f'value="{typed}"' in answer.content.decode()
    assert not Organisation.objects.exists()


# --------------------------------------------------------------------------- tasks


def test_task_type_is_chosen_from_pictures_and_strains(pages: Client) -> None:
    url = reverse("admin:orders_tasktype_add")
    drawn = lxml.html.fromstring(pages.get(url).content).xpath("//*[@id='id_icon']//svg[@width]")
    assert len(drawn) == len(PICTURES)
    answer = pages.post(url, TASK | {"strains": ["lifting", "outdoors"]})
    assert answer.status_code == 302, says(answer)
    row = TaskType.objects.get()
    assert (row.icon, row.strains) == ("truck", ["lifting", "outdoors"])


@pytest.mark.parametrize("wrong", [{"icon": "rekka"}, {"strains": ["heavy"]}, {"strains": "[]"}])
def test_task_type_takes_no_picture_or_strain_of_its_own(pages: Client, wrong: Any) -> None:
    answer = pages.post(reverse("admin:orders_tasktype_add"), TASK | wrong)
    assert "Select a valid choice." in says(answer)
    assert not TaskType.objects.exists()


def test_task_type_keeps_a_picture_that_an_import_brought(pages: Client) -> None:
    row = builders.task_type("cleaning", icon="banana")
    url = reverse("admin:orders_tasktype_change", args=[row.pk])
    assert 'value="banana"' in pages.get(url).content.decode()
    assert pages.post(url, TASK | {"icon": "banana", "name_en": "Tidying"}).status_code == 302
    row.refresh_from_db()
    assert (row.icon, row.name_en) == ("banana", "Tidying")


def test_task_type_with_a_picture_of_no_set_does_not_break_the_order_form() -> None:
    builders.tariff()
    builders.task_type("cleaning", icon="gone-with-an-update")
    for name in ("orders:home", "orders:order-new"):
        page = Client().get(reverse(name))
        assert page.status_code == 200
        assert "Siivous" in page.content.decode()


# --------------------------------------------------------------------------- prices


def test_tariff_supplements_are_typed_as_times(pages: Client, chief: User) -> None:
    url = reverse("admin:orders_tariff_add")
    answer = pages.post(url, PRICE | extra("night", "22", "6:00"))
    assert answer.status_code == 302, says(answer)
    tariff, night = Tariff.objects.get(), TariffSupplement.objects.get()
    assert (night.from_min, night.to_min, night.percent) == (1320, 360, Decimal(50))
    assert AuditEvent.objects.get(verb="tariff.created").actor == chief
    shown = pages.get(reverse("admin:orders_tariff_change", args=[tariff.pk])).content.decode()
    assert 'value="22.00"' in shown
    assert 'value="6.00"' in shown


def test_tariff_day_ends_at_24(pages: Client) -> None:
    url = reverse("admin:orders_tariff_add")
    assert pages.post(url, PRICE | extra("sunday", "0.00", "24.00")).status_code == 302
    assert TariffSupplement.objects.get().to_min == 1440


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        (extra("saturday", "10", "8"), "Check the times"),
        (extra("evening", "18", "18"), "Check the times"),
        (extra("evening", "24", "8"), "Check the times"),
        (extra("evening", "18", "25"), "Enter the time"),
        (extra("evening", "18", "21", "0"), "more than 0 per cent"),
        (extra("evening", "18", "21", "-5"), "more than 0 per cent"),
        ({"vat_kind": "yleinen"}, "Select a valid choice."),
        ({"hourly_net": "0"}, "greater than or equal to 0.01"),
    ],
)
def test_tariff_that_cannot_be_priced_is_refused(pages: Client, typed: Any, remedy: str) -> None:
    """A wrong row would stop every quote."""
    answer = pages.post(reverse("admin:orders_tariff_add"), PRICE | typed)
    assert remedy in says(answer)
    assert not Tariff.objects.exists()


def test_tariff_in_force_is_never_deleted(pages: Client) -> None:
    before = builders.tariff()
    later = Tariff.objects.create(valid_from=date(2040, 1, 1), hourly_net=Decimal(40))
    answers = {
        row.pk: pages.post(reverse("admin:orders_tariff_delete", args=[row.pk]), {"post": "yes"})
        for row in (before, later)
    }
    assert [a.status_code for a in answers.values()] == [403, 302]
    assert list(Tariff.objects.all()) == [before]


# --------------------------------------------------------------------------- names of others


def test_customers_are_found_by_name_and_listed_nowhere(pages: Client) -> None:
    builders.customer(name="Kahvila Koivu Oy")
    found = pages.get(
        reverse("admin:autocomplete"),
        {"app_label": "orders", "model_name": "tariff", "field_name": "customer", "term": "koi"},
    ).json()
    assert [row["text"] for row in found["results"]] == ["Kahvila Koivu Oy"]
    index = pages.get(reverse("admin:index")).content.decode()
    assert "/admin/orders/customer/" not in index
    assert "/admin/workers/worker/" not in index


# --------------------------------------------------------------------------- first steps


def steps(client: Client) -> dict[str, bool]:
    """What the first page lists, and whether it is done."""
    page = lxml.html.fromstring(client.get(reverse("dispatch:today")).content)
    rows = page.xpath("//section[@aria-labelledby='first-h']//li")
    return {" ".join(li.text_content().split()): not li.xpath("a") for li in rows}


def test_first_steps_end_with_the_first_order(pages: Client) -> None:
    assert list(steps(pages).values()) == [False] * 5
    builders.organisation()
    task = builders.task_type("cleaning")
    assert list(steps(pages).values()) == [True, True, False, False, False]
    builders.tariff()
    builders.worker()
    builders.user(Role.DISPATCHER)
    assert list(steps(pages).values()) == [True] * 5
    builders.order(task_type=task)
    assert steps(pages) == {}


def test_first_steps_lead_to_pages_that_open(pages: Client) -> None:
    page = lxml.html.fromstring(pages.get(reverse("dispatch:today")).content)
    links = page.xpath("//section[@aria-labelledby='first-h']//a/@href")
    assert [pages.get(url).status_code for url in links] == [200] * 5


def test_first_steps_are_not_for_dispatchers() -> None:
    client = Client()
    client.force_login(builders.user(Role.DISPATCHER))
    assert steps(client) == {}
