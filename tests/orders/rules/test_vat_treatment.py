"""Buyers of other EU states: numbers by their form, the VAT of a sale, the card and its import."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from core.models import AuditEvent
from core.violations import RuleBroken
from orders.customers.forms import CustomerForm, country_choices
from orders.customers.services import save_customer, set_discount
from orders.imports.kinds import KINDS
from orders.imports.reader import read_table
from orders.imports.services import Plan, apply_import, plan_import
from orders.imports.texts import problem_text
from orders.models import Customer, TaskType
from orders.ordering import services
from orders.prices.selectors import discount_in_force, quote
from orders.rules.vat_treatment import (
    COUNTRIES,
    Sale,
    Why,
    buyer_problems,
    check_vat_id,
    country_name,
    treatment,
    vat_prefix,
)
from tests import builders

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SWEDE = {"country": "SE", "business_id": "", "vat_id": "SE556012579001"}

# --------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("SE556012579001", "SE", "SE556012579001"),
        ("se 556012-5790 01", "SE", "SE556012579001"),
        ("EE 100 931 558", "EE", "EE100931558"),
        ("DE136695976", "DE", "DE136695976"),
        ("EL094259216", "GR", "EL094259216"),
        ("GR094259216", "GR", "EL094259216"),
        ("NL004495445B01", "NL", "NL004495445B01"),
        ("FR 40 303 265 045", "FR", "FR40303265045"),
    ],
)
def test_vat_id_right_is_kept_in_one_form(typed: str, country: str, kept: str) -> None:
    assert check_vat_id(typed, country) == kept


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("SE556012579002", "SE", "vat_id_form"),
        ("5560125790", "SE", "vat_id_form"),
        ("SE", "SE", "vat_id_form"),
        ("NO923609016MVA", "SE", "vat_id_form"),
        ("EE100931558", "SE", "vat_id_country"),
        ("FI20774740", "SE", "vat_id_country"),
        ("SE556012579001", "EE", "vat_id_country"),
        ("🇸🇪", "SE", "vat_id_form"),
    ],
)
def test_vat_id_wrong_is_refused_with_its_code(typed: str, country: str, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        check_vat_id(typed, country)


def test_countries_are_the_27_of_the_eu_with_three_names_each() -> None:
    assert len(COUNTRIES) == 27
    assert all(len(set(names)) >= 1 and all(names) for names in COUNTRIES.values())
    assert (vat_prefix("GR"), vat_prefix("SE")) == ("EL", "SE")
    assert [country_name("SE", x) for x in ("fi", "sv", "en")] == ["Ruotsi", "Sverige", "Sweden"]
    assert country_name("NO", "fi") == "NO"


@pytest.mark.parametrize(
    ("country", "business_id", "vat_id", "found"),
    [
        ("FI", "2077474-0", "", {}),
        ("FI", "", "", {"business_id": "business_id_missing"}),
        ("FI", "2077474-0", "FI20774740", {"vat_id": "vat_id_home"}),
        ("SE", "", "SE556012579001", {}),
        ("SE", "2077474-0", "SE556012579001", {}),
        ("SE", "2077474-0", "", {"vat_id": "vat_id_missing"}),
        ("EE", "", "SE556012579001", {"vat_id": "vat_id_country"}),
        ("NO", "", "", {"country": "country_unknown"}),
    ],
)
def test_buyer_problems_by_field(
    country: str, business_id: str, vat_id: str, found: dict[str, str]
) -> None:
    assert buyer_problems(country, business_id=business_id, vat_id=vat_id) == found


# --------------------------------------------------------------------------- the VAT of a sale


@pytest.mark.parametrize(
    ("sale", "found"),
    [
        (Sale(), ("S", Why.HOME)),
        (Sale(real_property=False), ("S", Why.HOME)),
        (Sale(registered=False, country="SE", vat_id="SE1", real_property=False),
         ("O", Why.NOT_REGISTERED)),
        (Sale(construction=True), ("S", Why.HOME)),
        (Sale(construction=True, construction_seller=True, business_id="1"),
         ("AE", Why.CONSTRUCTION)),
        (Sale(country="SE", vat_id="SE1", real_property=False), ("AE", Why.EU_SERVICE)),
        (Sale(country="SE", vat_id="SE1"), ("S", Why.PROPERTY)),
        # Without a number nobody knows that the buyer is a business.
        (Sale(country="SE", real_property=False), ("S", Why.PROPERTY)),
        # Construction is work on real property, whatever the task type says.
        (Sale(country="SE", vat_id="SE1", real_property=False, construction=True),
         ("S", Why.PROPERTY)),
        (Sale(country="SE", vat_id="SE1", construction=True, construction_seller=True),
         ("S", Why.PROPERTY)),
        (Sale(country="SE", vat_id="SE1", construction=True, construction_seller=True,
              business_id="1"), ("AE", Why.CONSTRUCTION)),
    ],
)  # fmt: skip
def test_treatment_follows_place_of_supply(sale: Sale, found: tuple[str, Why]) -> None:
    assert treatment(sale) == found


@pytest.mark.django_db
def test_task_type_is_connected_with_real_property_until_somebody_says_otherwise() -> None:
    assert TaskType().real_property is True
    builders.tariff()
    buyer = builders.customer(**SWEDE)
    args = (buyer, date(2026, 11, 26), time(9), 120, 1)
    garden = builders.task_type("yard")
    goods = builders.task_type("packing", real_property=False)
    assert quote(garden, *args).vat_code == "S"
    price = quote(goods, *args)
    assert (price.vat_code, price.vat_why, price.vat) == ("AE", "eu_service", Decimal("0.00"))
    home = (builders.customer(), *args[1:])
    assert quote(goods, *home).vat_code == "S"


# --------------------------------------------------------------------------- the card


def card(**fields: object) -> CustomerForm:
    data = {
        "name": "Nordisk Handel AB", "kind": "private", "street": "Drottninggatan 1",
        "postal_code": "111 51", "city": "Stockholm", "payment_term_days": 14, "language": "sv",
        "active": "on", "invoice_channel": "email", **SWEDE,
    }  # fmt: skip
    return CustomerForm(data | fields, instance=Customer(), today=TODAY)


@pytest.mark.django_db
def test_card_of_swedish_buyer_is_saved_without_y_tunnus() -> None:
    form = card()
    assert form.is_valid(), form.errors
    row = save_customer(form.save(commit=False), by=builders.user(), now=NOW)
    row.refresh_from_db()
    assert (row.country, row.business_id, row.vat_id) == ("SE", "", "SE556012579001")
    assert row.postal_code == "111 51"
    assert AuditEvent.objects.get(verb="customer.created").after["vat_id"] == row.vat_id


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"vat_id": ""}, "vat_id", "vat_id_missing"),
        ({"vat_id": "SE556012579002"}, "vat_id", "vat_id_form"),
        ({"vat_id": "EE100931558"}, "vat_id", "vat_id_country"),
        ({"country": "FI", "vat_id": ""}, "business_id", "business_id_missing"),
        (
            {"country": "FI", "business_id": "2077474-0", "postal_code": "53100"},
            "vat_id",
            "vat_id_home",
        ),
        ({"country": "FI", "business_id": "2077474-0", "vat_id": ""}, "postal_code", "postcode"),
        ({"country": "NO"}, "country", "invalid_choice"),
        ({"construction_seller": "on"}, "construction_seller", "seller_needs_business_id"),
        ({"business_id": "2077474-1"}, "business_id", "business_id"),
        ({"vat_id": "   "}, "vat_id", "vat_id_missing"),
        ({"vat_id": "x" * 200}, "vat_id", "vat_id_form"),
        ({"name": "Ä & <B> 'C' ☕ " * 15}, "name", "max_length"),
    ],
)
def test_card_with_wrong_number_or_country_says_where(
    fields: dict[str, object], field: str, code: str
) -> None:
    form = card(**fields)
    assert not form.is_valid()
    assert form.has_error(field, code), form.errors.as_data()


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["se 556012-5790 01", " SE 5560 1257 9001 "])
def test_card_takes_a_vat_number_as_people_type_it(typed: str) -> None:
    form = card(vat_id=typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["vat_id"] == "SE556012579001"
    # The page does not stop the typing at the length of what is kept.
    assert "maxlength" not in str(form["vat_id"])


@pytest.mark.django_db
def test_card_of_an_unknown_country_is_asked_for_the_country_alone() -> None:
    form = card(country="NO")
    assert form.errors == {"country": ["Valitse Suomi tai toinen EU-maa."]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Tarkista ALV-tunnus"), ("sv", "Kontrollera momsnumret"), ("en", "Check the VAT")],
)
def test_card_page_says_the_remedy_and_keeps_what_was_typed(
    client: Client, language: str, words: str
) -> None:
    row = builders.customer(**SWEDE, name="Nordisk Handel AB")
    client.force_login(builders.user(Role.FINANCE, language=language))
    client.cookies["django_language"] = language
    data = {
        "name": "Nordisk & <Handel> 'AB'", "country": "SE", "vat_id": "se 556012-5790 02",
        "kind": "private", "street": "Gatan 1", "postal_code": "111 51", "city": "Stockholm",
        "payment_term_days": "14", "language": "sv", "active": "on", "invoice_channel": "email",
    }  # fmt: skip
    page = client.post(reverse("orders:customer-edit", args=[row.ref]), data)
    text = page.content.decode()
    assert words in text
    assert 'value="se 556012-5790 02"' in text
    assert "Nordisk &amp; &lt;Handel&gt; &#x27;AB&#x27;" in text
    row.refresh_from_db()
    assert (row.vat_id, row.name) == ("SE556012579001", "Nordisk Handel AB")


@pytest.mark.django_db
@pytest.mark.engine
def test_two_foreign_buyers_have_no_y_tunnus_and_never_one_vat_number() -> None:
    builders.customer(**SWEDE)
    builders.customer(country="EE", business_id="", vat_id="EE100931558")
    assert card().has_error("vat_id", "unique")
    with pytest.raises(IntegrityError), transaction.atomic():
        builders.customer(**SWEDE)
    with pytest.raises(IntegrityError), transaction.atomic():
        builders.customer(vat_id="SE556012579001")


@pytest.mark.django_db
def test_save_customer_refuses_what_no_form_has_seen() -> None:
    row = builders.customer(**SWEDE)
    row.country = "EE"
    with pytest.raises(RuleBroken) as caught:
        save_customer(row, by=builders.user(), now=NOW)
    assert caught.value.violations[0].code == "vat_id_country"


@pytest.mark.django_db
def test_country_choices_begin_at_home() -> None:
    assert country_choices()[0][0] == "FI"
    assert len(country_choices()) == 27


@pytest.mark.django_db
def test_pages_show_country_vat_number_and_discount(client: Client) -> None:
    row = builders.customer(**SWEDE)
    user = builders.user(Role.FINANCE)
    client.force_login(user)
    address = reverse("orders:customer-discount", args=[row.ref])
    client.post(address, {"percent": "7,5", "valid_from": "2026-01-01"})
    page = client.get(reverse("orders:customer-detail", args=[row.ref])).content.decode()
    for part in ("SE556012579001", "Ruotsi", "7,5"):
        assert part in page
    assert "SE556012579001" in client.get(reverse("orders:customer-list")).content.decode()
    assert client.post(address, {"percent": "51", "valid_from": "x"}).status_code == 200
    assert [d.percent for d in row.discounts.all()] == [Decimal("7.50")]
    assert AuditEvent.objects.filter(verb="customer.discount").count() == 1


# --------------------------------------------------------------------------- discounts


@pytest.mark.django_db
def test_discount_in_force_is_the_latest_that_has_begun() -> None:
    row, by = builders.customer(), builders.user(Role.FINANCE)
    for on, percent in (
        (date(2026, 1, 1), "5"),
        (date(2026, 6, 1), "7.5"),
        (date(2027, 1, 1), "0"),
    ):
        set_discount(row, Decimal(percent), on, by=by, now=NOW)
    found = [
        discount_in_force(row, on)
        for on in (date(2025, 12, 31), date(2026, 5, 31), date(2026, 6, 1), date(2027, 1, 1))
    ]
    assert found == [Decimal(0), Decimal(5), Decimal("7.5"), Decimal(0)]
    assert discount_in_force(None, TODAY) == 0
    with pytest.raises(ValidationError):
        row.discounts.model(customer=row, valid_from=TODAY, percent=Decimal(51)).full_clean()


@pytest.mark.django_db
def test_quote_explains_the_discount_and_adds_up() -> None:
    builders.tariff()
    buyer = builders.customer()
    buyer.discounts.create(valid_from=date(2026, 1, 1), percent=Decimal("7.5"))
    price = quote(builders.task_type(), buyer, date(2026, 11, 26), time(9), 135, 3)
    last = price.lines[-1]
    assert (last.code, last.percent) == ("discount", Decimal("7.5"))
    # 2.25 h x 32.00 = 72.00 each; 7.5 % of it is 5.40, three times.
    assert (price.lines[0].net, last.net, price.net) == (
        Decimal("216.00"),
        Decimal("-16.20"),
        Decimal("199.80"),
    )
    assert sum(x.discount for x in price.charged) == -last.net
    kept = services.quote_fields(price)
    assert kept["discount_pct"] == Decimal("7.5")
    assert kept["quote_lines"][-1]["code"] == "discount"


# --------------------------------------------------------------------------- import


def plan_of(kind: str, text: str) -> Plan:
    return plan_import(KINDS[kind], read_table("x.csv", text.encode()), now=NOW)


HEAD = "Asiakasnumero;Nimi;Y-tunnus;Maa;ALV-tunnus;Osoite;Postinumero;Postitoimipaikka\n"


@pytest.mark.django_db
def test_import_brings_foreign_and_finnish_buyers_and_twice_changes_nothing() -> None:
    text = HEAD + (
        "3001;Nordisk AB;;Ruotsi;se 556012-5790 01;Drottninggatan 1;111 51;Stockholm\n"
        "3002;Kahvila Oy;2077474-0;;;Kauppakatu 4;00100;\n"
        "3003;Ladu OÜ;;EE;EE100931558;Riia 12;51010;Tartu\n"
    )
    plan = plan_of("customers", text)
    assert [problem_text(p) for p in plan.problems] == []
    assert apply_import(plan, file_name="x.csv", by=None, now=NOW) == 3
    swede = Customer.objects.get(customer_no="3001")
    assert (swede.country, swede.vat_id, swede.business_id) == ("SE", "SE556012579001", "")
    assert Customer.objects.get(customer_no="3002").country == "FI"
    assert plan_of("customers", text).sames == 3


@pytest.mark.django_db
def test_import_one_customer_number_twice_in_a_file_is_named_by_line() -> None:
    rows = (
        "3001;Kahvila Oy;2077474-0;;;Kauppakatu 4;53100;\n"
        "3001;Ladu OÜ;;EE;EE100931558;Riia 12;51010;Tartu\n"
    )
    [problem] = plan_of("customers", HEAD + rows).problems
    assert (problem.code, problem.line, problem.numbers) == ("twice", 3, {"line": 2})


@pytest.mark.django_db
def test_import_without_a_country_column_leaves_the_country() -> None:
    builders.customer(customer_no="3001", **(SWEDE | {"business_id": "2077474-0"}))
    head = "Asiakasnumero;Nimi;Y-tunnus;Postinumero;Postitoimipaikka\n"
    plan = plan_of("customers", head + "3001;Nordisk AB;2077474-0;111 51;Stockholm\n")
    assert [problem_text(p) for p in plan.problems] == []
    apply_import(plan, file_name="x.csv", by=None, now=NOW)
    row = Customer.objects.get(customer_no="3001")
    assert (row.name, row.country, row.vat_id) == ("Nordisk AB", "SE", "SE556012579001")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("1;A;;SE;;K 1;111 51;Stockholm", "vat_id_missing", "ALV-tunnus"),
        ("1;A;;SE;SE556012579002;K 1;111 51;Stockholm", "vat_id_form", "ALV-tunnus"),
        ("1;A;;EE;SE556012579001;K 1;111 51;Stockholm", "vat_id_country", "ALV-tunnus"),
        ("1;A;;;;K 1;53100;Lappeenranta", "business_id_missing", "Y-tunnus"),
        ("1;A;2077474-0;;;K 1;111 51;Stockholm", "postal_code", "Postinumero"),
        ("1;A;;Norja;;K 1;0150;Oslo", "country_unknown", "Maa"),
        ("1;A;;SE;SE556012579001;K 1;111 51;", "required", ""),
    ],
)
def test_import_wrong_buyer_is_named_by_column(row: str, code: str, column: str) -> None:
    [problem] = plan_of("customers", HEAD + row + "\n").problems
    assert problem.code == code
    assert column in ("", problem.column)
    assert problem_text(problem)


@pytest.mark.django_db
def test_import_of_task_types_says_what_is_not_real_property() -> None:
    head = (
        "Koodi;Nimi suomeksi;Nimi ruotsiksi;Nimi englanniksi;Tuntihinta;Hinta alkaen;"
        "Kiinteistöön liittyvä\n"
    )
    rows = "pakkaus;Pakkaus;Packning;Packing;32;1.1.2026;ei\nsiivous;S;S;S;32;1.1.2026;\n"
    apply_import(plan_of("task_types", head + rows), file_name="x.csv", by=None, now=NOW)
    found = dict(TaskType.objects.values_list("code", "real_property"))
    assert found == {"pakkaus": False, "siivous": True}


HEAD = "Asiakasnumero;Nimi;Y-tunnus;Maa;ALV-tunnus;Osoite;Postinumero;Postitoimipaikka\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ("A;;Ruotsi;SE556012579002;Gatan 1;111 51;Stockholm", "ALV-tunnus", "vat_id_form"),
        ("A;;Norja;NO1;Gatan 1;111 51;Oslo", "Maa", "country_unknown"),
        ("A;;SE;;Gatan 1;111 51;Stockholm", "ALV-tunnus", "vat_id_missing"),
        ("A;;;SE556012579001;Gatan 1;53100;Imatra", "ALV-tunnus", "vat_id_country"),
        ("A;2077474-0;;FI01120389;Katu 1;53100;", "ALV-tunnus", "vat_id_differs"),
        ("A;2077474-0;Viro;EE100931558;Katu 1;51010;Tartu", "ALV-tunnus", "vat_id_taken"),
        ("A;;Ruotsi;SE556012579001;Gatan 1;111 51;", "Postitoimipaikka", "required"),
        ("Ä & <B> 'C' ☕" * 15 + ";2077474-0;;;Katu 1;53100;", "Nimi", "long"),
    ],
)
def test_import_of_a_wrong_buyer_names_cell_and_remedy(cells: str, column: str, code: str) -> None:
    builders.customer(country="EE", business_id="", vat_id="EE100931558")
    [problem] = plan_of("customers", f"{HEAD}7001;{cells}").problems
    assert (problem.column, problem.code) == (column, code)
    assert problem_text(problem)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["gr 094 259 216", "EL094259216", "GR094259216"])
def test_import_finds_a_greek_buyer_by_either_form_of_its_number(typed: str) -> None:
    builders.customer(country="GR", business_id="", vat_id="EL094259216")
    plan = plan_of("customers", f"{HEAD}7001;A;;kreikka;{typed};Odos 1;185 35;Pireus")
    assert (plan.problems, plan.updates) == ([], 1)
    apply_import(plan, file_name="x.csv", by=None, now=NOW)
    assert Customer.objects.get(customer_no="7001").vat_id == "EL094259216"


@pytest.mark.django_db
def test_import_one_vat_number_twice_in_a_file_is_named_by_line() -> None:
    rows = (
        "7001;A;;Viro;EE100931558;Riia 1;51010;Tartu\n"
        "7002;B;2077474-0;Viro;ee 100931558;Riia 1;51010;Tartu"
    )
    [problem] = plan_of("customers", HEAD + rows).problems
    assert (problem.code, problem.line, problem.numbers) == ("twice", 3, {"line": 2})
