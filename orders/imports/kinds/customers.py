"""The file of customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from accounts.models import User
from core import cells
from core.cells import BadCell
from core.violations import RuleBroken
from core.zone import local_date
from orders.customers.selectors import public_term_max
from orders.imports import checked_cells
from orders.imports.kinds.base import (
    ADDRESS,
    BUSINESS_ID,
    EMAIL,
    PHONE,
    FileColumn,
    FileKind,
    WantedRow,
    choice,
    current,
    fitting,
    point_of,
    present,
    write_fields,
)
from orders.models import Contact, Customer
from orders.rules.payment_term import term_violations
from orders.rules.vat_treatment import COUNTRIES, HOME, buyer_problems, check_vat_id, plain_vat_id

KINDS_OF_CUSTOMER = {
    "yritys": "private", "företag": "private", "company": "private", "private": "private",
    "julkinen": "public", "offentlig": "public", "public": "public",
    "yhdistys": "association", "förening": "association", "association": "association",
}  # fmt: skip


# "SE" and "Ruotsi" alike.
WORDS_OF_COUNTRY = {
    word.casefold(): code for code, names in COUNTRIES.items() for word in (code, *names)
}


def country(value: str) -> str:
    """Code of a country of the EU by its code or name."""
    try:
        return WORDS_OF_COUNTRY[value.casefold().strip()]
    except KeyError as error:
        raise BadCell("country_unknown") from error


class Customers(FileKind):
    name = "customers"
    columns = (
        FileColumn(
            "customer_no", ("Asiakasnumero", "Kundnummer", "Customer number"), required=True
        ),
        FileColumn("name", ("Nimi", "Yritys", "Namn", "Företag", "Name"), required=True),
        # Required of Finnish buyers; those of other EU states have a VAT number.
        replace(BUSINESS_ID, required=False),
        FileColumn("country", ("Maa", "Land", "Country"), country),
        FileColumn("vat_id", ("ALV-tunnus", "Alv-numero", "Momsnummer", "VAT number", "VAT ID")),
        FileColumn(
            "kind", ("Laji", "Tyyppi", "Typ", "Kind", "Type"), partial(choice, KINDS_OF_CUSTOMER)
        ),
        ADDRESS[0],
        # A Finnish form is asked below, when the country is known.
        replace(ADDRESS[1], parse=str),
        ADDRESS[2],
        FileColumn(
            "invoice_email",
            ("Laskutussähköposti", "Fakturans e-post", "Invoice email"),
            checked_cells.email,
        ),
        FileColumn("invoice_reference", ("Laskun viite", "Fakturareferens", "Invoice reference")),
        FileColumn(
            "payment_term_days",
            ("Maksuehto pv", "Maksuehto", "Betalningsvillkor", "Payment term"),
            partial(cells.whole, least=0, most=60),
        ),
        FileColumn(
            "e_invoice_address", ("Verkkolaskuosoite", "E-fakturaadress", "E-invoice address")
        ),
        FileColumn("e_invoice_operator", ("Välittäjätunnus", "Förmedlarkod", "Operator ID")),
        FileColumn(
            "language",
            ("Kieli", "Språk", "Language"),
            partial(choice, {"fi": "fi", "suomi": "fi", "sv": "sv", "ruotsi": "sv", "en": "en"}),
        ),
        FileColumn("contact", ("Yhteyshenkilö", "Kontaktperson", "Contact")),
        PHONE,
        EMAIL,
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> WantedRow:
        row = self._known(values)
        values = self._buyer(values, row)
        same_no = Customer.objects.filter(customer_no=values["customer_no"])
        if same_no.exclude(pk=row.pk if row else 0).exists():
            raise BadCell("number_taken", column="customer_no")
        same_vat = Customer.objects.filter(vat_id=values["vat_id"]).exclude(vat_id="")
        if same_vat.exclude(pk=row.pk if row else 0).exists():
            raise BadCell("vat_id_taken", column="vat_id")
        fields = present(
            values, "customer_no", "name", "country", "business_id", "vat_id", "kind", "street",
            "postal_code", "city", "invoice_email", "invoice_reference", "payment_term_days",
            "e_invoice_address", "e_invoice_operator", "language",
        )  # fmt: skip
        days, kind = fields.get("payment_term_days"), fields.get("kind", row.kind if row else "")
        if days:
            public, most = kind == Customer.Kind.PUBLIC, public_term_max(local_date(now))
            if broken := term_violations(days, public=public, most=most):
                raise RuleBroken(broken)
        if "city" not in fields:
            if values["country"] != HOME:
                raise BadCell("required", column="city")
            fields["city"] = point_of(values)["city"]
        if values["country"] == HOME and row and row.vat_id:
            fields["vat_id"] = ""
        fitting(Customer, fields)
        now_values = current(row, fields)
        if values.get("contact"):
            given = {
                "name": values["contact"],
                "phone": values.get("phone"),
                "email": values.get("email"),
            }
            fields["contact"] = {k: v for k, v in given.items() if v}
            fitting(Contact, {"name": values["contact"]}, name="contact")
            found = row.contacts.filter(name=values["contact"]).first() if row else None
            now_values["contact"] = found and {k: str(getattr(found, k)) for k in fields["contact"]}
        key = values["business_id"] or values["vat_id"]
        numbers: tuple[object, ...] = (("number", values["customer_no"]),)
        if values["vat_id"]:
            numbers += (("vat_id", values["vat_id"]),)
        return WantedRow(values["name"], key, row, fields, now_values, numbers)

    @staticmethod
    def _known(values: Mapping[str, Any]) -> Customer | None:
        """The customer by its Y-tunnus, else by its VAT number."""
        if values.get("business_id"):
            return Customer.objects.filter(business_id=values["business_id"]).first()
        vat_id = plain_vat_id(values.get("vat_id") or "")
        return Customer.objects.filter(vat_id=vat_id).first() if vat_id else None

    @staticmethod
    def _buyer(values: Mapping[str, Any], row: Customer | None) -> dict[str, Any]:
        """The row with its country, and its numbers and postcode as that country has them.

        An empty cell leaves what is there, so both numbers of a known customer count.
        """
        country = values.get("country") or (row.country if row else HOME)
        found = {**values, "country": country, "business_id": values.get("business_id") or ""}
        vat_id = values.get("vat_id") or (row.vat_id if row and country != HOME else "")
        try:
            found["vat_id"] = check_vat_id(vat_id, country) if vat_id else ""
        except ValueError as error:
            raise BadCell(str(error), column="vat_id") from error
        if country == HOME:
            # Our own number says nothing new: it follows from the Y-tunnus.
            own = f"FI{found['business_id'].replace('-', '')}"
            if found["vat_id"] and found["business_id"] and found["vat_id"] != own:
                raise BadCell("vat_id_differs", column="vat_id")
            found["vat_id"] = ""
            found["postal_code"] = _in_column("postal_code", cells.postal_code, values)
        numbers = {"business_id": found["business_id"], "vat_id": found["vat_id"]}
        for column, code in buyer_problems(country, **numbers).items():
            raise BadCell(code, column=column)
        return found

    def write(self, wanted: WantedRow, *, by: User | None, now: datetime) -> None:
        fields = dict(wanted.values)
        person = fields.pop("contact", None)
        row = wanted.found
        if row is None:
            row = Customer.objects.create(**fields)
        else:
            write_fields(row, fields)
        if person:
            Contact.objects.update_or_create(customer=row, name=person.pop("name"), defaults=person)


def _in_column(column: str, parse: Callable[[str], Any], values: Mapping[str, Any]) -> Any:
    """A value parsed late, when others have said how; a wrong one is named by its column."""
    try:
        return parse(values[column])
    except BadCell as bad:
        raise BadCell(bad.code, column=column, **bad.numbers) from bad
