"""What each kind of file may hold: its columns under the headings people use, and its rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.db.models import Model

from accounts.models import User
from core import cells
from core.cells import BadCell
from core.languages import Language
from core.violations import RuleBroken
from core.zone import local_date
from orders.customers.selectors import public_term_max
from orders.geocode import AddressNotFound, locate
from orders.imports import checked_cells
from orders.models import Contact, Customer, Site, Tariff, TaskType, WorkOrder
from orders.ordering.order_draft import OrderDraft, order_violations
from orders.ordering.services import place_order
from orders.rules.payment_term import term_violations
from orders.rules.vat_treatment import COUNTRIES, HOME, buyer_problems, check_vat_id, plain_vat_id
from workers.models import Engagement, Skill, TravelMode, WeeklyAvailability, Worker

# Namespace of order keys, so that the same row of the same customer is the same order for ever.
ORDER_KEYS = uuid.UUID("6a0c9e0e-5f5e-4c56-9d2b-0f6f2b8a4e11")
WEEKDAYS = ("ma", "ti", "ke", "to", "pe", "la", "su")
WEEKDAY_HEADINGS = (
    ("ma", "maanantai", "mån", "måndag", "mon", "monday"),
    ("ti", "tiistai", "tis", "tisdag", "tue", "tuesday"),
    ("ke", "keskiviikko", "ons", "onsdag", "wed", "wednesday"),
    ("to", "torstai", "tor", "torsdag", "thu", "thursday"),
    ("pe", "perjantai", "fre", "fredag", "fri", "friday"),
    ("la", "lauantai", "lör", "lördag", "sat", "saturday"),
    ("su", "sunnuntai", "sön", "söndag", "sun", "sunday"),
)
MODES = {
    "kävellen": "walk", "jalan": "walk", "till fots": "walk", "walk": "walk",
    "pyörä": "bike", "polkupyörä": "bike", "cykel": "bike", "bike": "bike",
    "bussi": "bus", "buss": "bus", "bus": "bus", "auto": "car", "bil": "car", "car": "car",
}  # fmt: skip
ENGAGEMENTS = {
    "työsuhde": "employment", "anställning": "employment", "employment": "employment",
    "palkkatuki": "pay_subsidy", "lönesubvention": "pay_subsidy", "pay_subsidy": "pay_subsidy",
    "työkokeilu": "work_trial", "arbetsprövning": "work_trial", "work_trial": "work_trial",
    "oppisopimus": "apprenticeship", "läroavtal": "apprenticeship",
    "apprenticeship": "apprenticeship", "koulutussopimus": "training_agreement",
    "utbildningsavtal": "training_agreement", "training_agreement": "training_agreement",
    "tet": "school_practice", "prao": "school_practice", "school_practice": "school_practice",
    "kuntouttava työtoiminta": "rehabilitative", "rehabilitative": "rehabilitative",
}  # fmt: skip
KINDS_OF_CUSTOMER = {
    "yritys": "private", "företag": "private", "company": "private", "private": "private",
    "julkinen": "public", "offentlig": "public", "public": "public",
    "yhdistys": "association", "förening": "association", "association": "association",
}  # fmt: skip


# "SE" and "Ruotsi" alike.
WORDS_OF_COUNTRY = {
    word.casefold(): code for code, names in COUNTRIES.items() for word in (code, *names)
}


def choice(table: Mapping[str, str], value: str) -> str:
    """Value of a word list; the remedy names the words."""
    try:
        return table[value.casefold().strip()]
    except KeyError as error:
        raise BadCell("choice", words=", ".join(list(table)[:8])) from error


def country(value: str) -> str:
    """Code of a country of the EU by its code or name."""
    try:
        return WORDS_OF_COUNTRY[value.casefold().strip()]
    except KeyError as error:
        raise BadCell("country_unknown") from error


def fitting(model: type[Model], fields: Mapping[str, Any], **columns: str) -> None:
    """Refuse a text that is longer than its place in `model`; not every database does.

    `columns` says for a field which column it came from, when that has another name.
    """
    for name, value in fields.items():
        most = getattr(model._meta.get_field(name), "max_length", None)
        if isinstance(value, str) and most and len(value) > most:
            raise BadCell("long", column=columns.get(name, name), most=most)


@dataclass(frozen=True)
class Column:
    """One column: its key, the headings that mean it (the first is the template's), its parser."""

    key: str
    headings: tuple[str, ...]
    parse: Callable[[str], Any] = str
    required: bool = False


@dataclass
class Wanted:
    """What one row asks for: values by field, ready to compare with what is there."""

    label: str
    key: object
    found: Any
    values: dict[str, Any]
    now_values: dict[str, Any] = field(default_factory=dict)
    numbers: tuple[object, ...] = ()
    """Further values that no other row of the file may have."""

    @property
    def changed(self) -> list[str]:
        """Fields whose value would change; all of them for a new row."""
        return [k for k, v in self.values.items() if self.now_values.get(k) != v]


class Kind:
    """A kind of file. `wanted` reads only; `write` makes it so inside the caller's transaction."""

    name: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> Wanted:
        raise NotImplementedError

    def write(self, wanted: Wanted, *, by: User | None, now: datetime) -> None:
        raise NotImplementedError


def present(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Only the values that the file gives: an empty cell leaves what is there."""
    return {n: values[n] for n in names if values.get(n) not in (None, "")}


def placed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Coordinates: those of the file, else of the address.

    Raises:
        BadCell: an address whose postcode does not exist (column postal_code).
    """
    if values.get("lat") is not None and values.get("lon") is not None:
        return {"lat": float(values["lat"]), "lon": float(values["lon"]), "city": values["city"]}
    try:
        point = locate(values.get("street", ""), values["postal_code"], values.get("city", ""))
    except AddressNotFound as error:
        raise BadCell("postal_code_unknown", column="postal_code") from error
    return {"lat": point.lat, "lon": point.lon, "city": values.get("city") or point.city}


ADDRESS = (
    Column("street", ("Katuosoite", "Osoite", "Gatuadress", "Adress", "Street", "Address")),
    Column(
        "postal_code",
        ("Postinumero", "Postinro", "Postnummer", "Postcode", "Postal code"),
        cells.postal_code,
        required=True,
    ),
    Column("city", ("Postitoimipaikka", "Kaupunki", "Kunta", "Ort", "Stad", "Town", "City")),
)
# Finland: a swapped pair is told, not stored in another country.
COORDINATES = (
    Column(
        "lat",
        ("Leveysaste", "Latitud", "Latitude", "Lat"),
        partial(cells.within, least=59, most=71),
    ),
    Column(
        "lon",
        ("Pituusaste", "Longitud", "Longitude", "Lon"),
        partial(cells.within, least=19, most=32),
    ),
)
BUSINESS_ID = Column(
    "business_id",
    ("Y-tunnus", "FO-nummer", "Business ID"),
    cells.business_id,
    required=True,
)
PHONE = Column("phone", ("Puhelin", "Telefon", "Phone"), checked_cells.phone)
EMAIL = Column("email", ("Sähköposti", "E-post", "Email", "E-mail"), checked_cells.email)


def customer_of(values: Mapping[str, Any]) -> Customer:
    row = Customer.objects.filter(business_id=values["business_id"]).first()
    if row is None:
        raise BadCell("customer_unknown", column="business_id")
    return row


def current(row: Model | None, names: Mapping[str, Any]) -> dict[str, Any]:
    return {n: getattr(row, n) for n in names} if row else {}


class Customers(Kind):
    name = "customers"
    columns = (
        Column("customer_no", ("Asiakasnumero", "Kundnummer", "Customer number"), required=True),
        Column("name", ("Nimi", "Yritys", "Namn", "Företag", "Name"), required=True),
        # Required of Finnish buyers; those of other EU states have a VAT number.
        replace(BUSINESS_ID, required=False),
        Column("country", ("Maa", "Land", "Country"), country),
        Column("vat_id", ("ALV-tunnus", "Alv-numero", "Momsnummer", "VAT number", "VAT ID")),
        Column(
            "kind", ("Laji", "Tyyppi", "Typ", "Kind", "Type"), partial(choice, KINDS_OF_CUSTOMER)
        ),
        ADDRESS[0],
        # A Finnish form is asked below, when the country is known.
        replace(ADDRESS[1], parse=str),
        ADDRESS[2],
        Column(
            "invoice_email",
            ("Laskutussähköposti", "Fakturans e-post", "Invoice email"),
            checked_cells.email,
        ),
        Column("invoice_reference", ("Laskun viite", "Fakturareferens", "Invoice reference")),
        Column(
            "payment_term_days",
            ("Maksuehto pv", "Maksuehto", "Betalningsvillkor", "Payment term"),
            partial(cells.whole, least=0, most=60),
        ),
        Column("e_invoice_address", ("Verkkolaskuosoite", "E-fakturaadress", "E-invoice address")),
        Column("e_invoice_operator", ("Välittäjätunnus", "Förmedlarkod", "Operator ID")),
        Column(
            "language",
            ("Kieli", "Språk", "Language"),
            partial(choice, {"fi": "fi", "suomi": "fi", "sv": "sv", "ruotsi": "sv", "en": "en"}),
        ),
        Column("contact", ("Yhteyshenkilö", "Kontaktperson", "Contact")),
        PHONE,
        EMAIL,
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> Wanted:
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
            fields["city"] = placed(values)["city"]
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
        return Wanted(values["name"], key, row, fields, now_values, numbers)

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

    def write(self, wanted: Wanted, *, by: User | None, now: datetime) -> None:
        fields = dict(wanted.values)
        person = fields.pop("contact", None)
        row = wanted.found
        if row is None:
            row = Customer.objects.create(**fields)
        else:
            _update(row, fields)
        if person:
            Contact.objects.update_or_create(customer=row, name=person.pop("name"), defaults=person)


def _in_column(column: str, parse: Callable[[str], Any], values: Mapping[str, Any]) -> Any:
    """A value parsed late, when others have said how; a wrong one is named by its column."""
    try:
        return parse(values[column])
    except BadCell as bad:
        raise BadCell(bad.code, column=column, **bad.numbers) from bad


def _update(row: Any, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


class Sites(Kind):
    name = "sites"
    columns = (
        BUSINESS_ID,
        Column("name", ("Kohteen nimi", "Nimi", "Namn", "Name")),
        Column("street", ADDRESS[0].headings, required=True),
        *ADDRESS[1:],
        *COORDINATES,
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> Wanted:
        owner = customer_of(values)
        row = Site.objects.filter(
            customer=owner, street=values["street"], postal_code=values["postal_code"]
        ).first()
        point = placed(values)
        fields: dict[str, Any] = {
            "customer_id": owner.pk,
            "street": values["street"],
            "postal_code": values["postal_code"],
            "city": point["city"],
            **present(values, "name"),
        }
        pinned = values.get("lat") is not None
        # A pin that somebody moved on the map is not moved back by the middle of the postcode.
        if row is None or pinned:
            fields |= {"lat": point["lat"], "lon": point["lon"]}
            fields["located"] = Site.Located.PIN if pinned else Site.Located.POSTAL_CODE
        fitting(Site, fields)
        return Wanted(
            f"{owner}: {values['street']}",
            (owner.pk, values["street"], values["postal_code"]),
            row,
            fields,
            current(row, fields),
        )

    def write(self, wanted: Wanted, *, by: User | None, now: datetime) -> None:
        if wanted.found is None:
            Site.objects.create(**wanted.values)
        else:
            _update(wanted.found, wanted.values)


class TaskTypes(Kind):
    name = "task_types"
    columns = (
        Column("code", ("Koodi", "Kod", "Code"), checked_cells.code, required=True),
        Column(
            "name_fi", ("Nimi suomeksi", "Nimi", "Namn på finska", "Name in Finnish"), required=True
        ),
        Column("name_sv", ("Nimi ruotsiksi", "Namn på svenska", "Name in Swedish"), required=True),
        Column(
            "name_en", ("Nimi englanniksi", "Namn på engelska", "Name in English"), required=True
        ),
        Column("description_fi", ("Kuvaus", "Kuvaus suomeksi", "Beskrivning", "Description")),
        Column("wear_fi", ("Vaatetus", "Mitä päälle", "Klädsel", "What to wear")),
        Column("icon", ("Kuva", "Bild", "Picture"), checked_cells.picture),
        Column("skills", ("Taidot", "Kunskaper", "Skills"), cells.words),
        Column(
            "real_property",
            ("Kiinteistöön liittyvä", "Anknyter till fastighet", "Connected with real property"),
            cells.yes,
        ),
        Column(
            "min_age",
            ("Alaikäraja", "Åldersgräns", "Youngest age"),
            partial(cells.whole, least=14, most=99),
        ),
        Column(
            "hourly_net", ("Tuntihinta", "Timpris", "Price per hour"), cells.price, required=True
        ),
        Column(
            "min_charge",
            ("Vähimmäisveloitus h", "Minsta debitering h", "Least charge h"),
            partial(cells.hours, most=8),
        ),
        Column("valid_from", ("Hinta alkaen", "Pris från", "Price from"), cells.day, required=True),
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> Wanted:
        row = TaskType.objects.filter(code=values["code"]).first()
        fields = present(
            values, "code", "name_fi", "name_sv", "name_en", "description_fi", "wear_fi", "icon",
            "min_age", "real_property",
        )  # fmt: skip
        fitting(TaskType, fields)
        now_values = current(row, fields)
        if values.get("skills"):
            fields["skills"] = frozenset(w.casefold() for w in values["skills"])
            now_values["skills"] = skill_names(row) if row else None
        least = values.get("min_charge") or 120
        fields["price"] = (values["valid_from"], values["hourly_net"], least)
        tariff = Tariff.objects.filter(
            task_type=row, customer=None, valid_from=values["valid_from"]
        ).first()
        if row and tariff:
            now_values["price"] = (tariff.valid_from, tariff.hourly_net, tariff.min_charge_min)
        return Wanted(values["name_fi"], values["code"], row, fields, now_values)

    def write(self, wanted: Wanted, *, by: User | None, now: datetime) -> None:
        fields = dict(wanted.values)
        valid_from, hourly, least = fields.pop("price")
        skills = fields.pop("skills", None)
        row = wanted.found
        if row is None:
            row = TaskType.objects.create(**fields)
        else:
            _update(row, fields)
        if skills is not None:
            row.skills.set([skill_called(name) for name in skills])
        Tariff.objects.update_or_create(
            task_type=row,
            customer=None,
            valid_from=valid_from,
            defaults={"hourly_net": hourly, "min_charge_min": least},
        )


def skill_names(row: Worker | TaskType) -> frozenset[str]:
    return frozenset(s.name_fi.casefold() for s in row.skills.all())


def skill_called(name: str) -> Skill:
    """Skill by its Finnish name or code, made when it is new."""
    row = Skill.objects.filter(name_fi__iexact=name).first()
    if row is None:
        # SQLite compares case only for ASCII, so "Ä" needs Python's own comparison.
        row = next(
            (s for s in Skill.objects.all() if s.name_fi.casefold() == name.casefold()), None
        )
    if row is None:
        title = name[:1].upper() + name[1:]
        code = f"skill-{uuid.uuid5(ORDER_KEYS, name.casefold()).hex[:10]}"
        row = Skill.objects.create(code=code, name_fi=title, name_sv=title, name_en=title)
    return row


class Workers(Kind):
    name = "workers"
    columns = (
        Column(
            "worker_no",
            ("Työntekijänumero", "Numero", "Arbetstagarnummer", "Worker number"),
            required=True,
        ),
        Column("first_name", ("Etunimi", "Förnamn", "First name"), required=True),
        Column("last_name", ("Sukunimi", "Efternamn", "Last name"), required=True),
        Column(
            "birth_date", ("Syntymäaika", "Födelsedatum", "Date of birth"), cells.day, required=True
        ),
        PHONE,
        EMAIL,
        *ADDRESS,
        *COORDINATES,
        Column("travel_mode", ("Kulkutapa", "Färdsätt", "Travels"), partial(choice, MODES)),
        Column("skills", ("Taidot", "Kunskaper", "Skills"), cells.words),
        *(Column(d, h, cells.spans) for d, h in zip(WEEKDAYS, WEEKDAY_HEADINGS, strict=True)),
        Column(
            "engagement",
            ("Sopimus", "Avtal", "Engagement"),
            partial(choice, ENGAGEMENTS),
            required=True,
        ),
        Column("starts_on", ("Alkaen", "Från", "From"), cells.day, required=True),
        Column("ends_on", ("Päättyen", "Till", "To"), cells.day),
        Column(
            "week_hours",
            ("Tunteja viikossa enintään", "Timmar per vecka", "Hours a week"),
            cells.hours,
        ),
        Column("payroll_no", ("Palkkanumero", "Lönenummer", "Payroll number")),
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> Wanted:
        if not 1920 <= values["birth_date"].year < local_date(now).year:
            raise BadCell("birth_date", column="birth_date")
        if values.get("ends_on") and values["ends_on"] < values["starts_on"]:
            raise BadCell("ends_before", column="ends_on")
        row = Worker.objects.filter(worker_no=values["worker_no"]).first()
        fields = present(
            values, "worker_no", "first_name", "last_name", "birth_date", "email", "street",
            "phone", "postal_code", "travel_mode", "payroll_no",
        )  # fmt: skip
        point = placed(values)
        fields["city"] = point["city"]
        moved = row is None or row.postal_code != values["postal_code"] or values.get("lat")
        if moved:
            fields |= {"lat": point["lat"], "lon": point["lon"]}
        fitting(Worker, fields)
        now_values = current(row, fields)
        if row and "phone" in now_values:
            now_values["phone"] = str(row.phone)
        if values.get("skills"):
            fields["skills"] = frozenset(w.casefold() for w in values["skills"])
            now_values["skills"] = skill_names(row) if row else None
        if any(values.get(d) is not None for d in WEEKDAYS):
            fields["week"] = tuple(
                (n, start, end)
                for n, d in enumerate(WEEKDAYS)
                for start, end in values.get(d) or ()
            )
            now_values["week"] = (
                tuple(row.weekly_availability.values_list("weekday", "starts", "ends"))
                if row
                else None
            )
        fields["contract"] = (
            values["engagement"],
            values["starts_on"],
            values.get("ends_on"),
            values.get("week_hours"),
        )
        if row:
            found = row.engagements.filter(starts_on=values["starts_on"]).first()
            now_values["contract"] = found and (
                found.kind,
                found.starts_on,
                found.ends_on,
                found.weekly_max_min,
            )
        label = f"{values['first_name']} {values['last_name']}"
        return Wanted(label, values["worker_no"], row, fields, now_values)

    def write(self, wanted: Wanted, *, by: User | None, now: datetime) -> None:
        fields = dict(wanted.values)
        skills = fields.pop("skills", None)
        week = fields.pop("week", None)
        kind, starts_on, ends_on, week_min = fields.pop("contract")
        row = wanted.found
        if row is None:
            row = Worker.objects.create(**({"travel_mode": TravelMode.BUS} | fields))
        else:
            _update(row, fields)
        if skills is not None:
            row.skills.set([skill_called(name) for name in skills])
        if week is not None:
            row.weekly_availability.all().delete()
            WeeklyAvailability.objects.bulk_create(
                WeeklyAvailability(worker=row, weekday=n, starts=start, ends=end)
                for n, start, end in week
            )
        Engagement.objects.update_or_create(
            worker=row,
            starts_on=starts_on,
            defaults={"kind": kind, "ends_on": ends_on, "weekly_max_min": week_min},
        )


# Texts of an order that a column of another name holds.
IN_ANOTHER_COLUMN = {
    "site_contact_name": "site_contact",
    "orderer_email": "email",
    "orderer_phone": "phone",
    "customer_reference": "reference",
}


class Orders(Kind):
    name = "orders"
    columns = (
        Column(
            "external_no", ("Tilausnumero", "Tilaus", "Beställning", "Order number"), required=True
        ),
        BUSINESS_ID,
        Column("task", ("Tehtävä", "Tehtävälaji", "Uppgift", "Task"), required=True),
        Column("works_on", ("Päivä", "Pvm", "Datum", "Date"), cells.day, required=True),
        Column("starts", ("Alkaa", "Kello", "Börjar", "Starts"), cells.clock, required=True),
        Column(
            "duration", ("Kesto h", "Kesto", "Längd h", "Duration h"), cells.hours, required=True
        ),
        Column(
            "people",
            ("Tekijöitä", "Henkilöitä", "Personer", "People"),
            partial(cells.whole, least=1, most=20),
        ),
        Column("street", ADDRESS[0].headings, required=True),
        *ADDRESS[1:],
        Column(
            "site_contact",
            ("Vastaanottaja", "Kuka ottaa vastaan", "Mottagare", "Who meets"),
            required=True,
        ),
        PHONE,
        EMAIL,
        Column("wear", ("Vaatetus", "Varusteet", "Klädsel", "What to wear")),
        Column("hazards", ("Vaarat", "Risker", "Hazards")),
        Column("description", ("Lisätiedot", "Kuvaus", "Tilläggsuppgifter", "Description")),
        Column("reference", ("Viite", "Viitteenne", "Er referens", "Your reference")),
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> Wanted:
        owner = customer_of(values)
        name = values["task"].casefold()
        task = next(
            (
                t
                for t in TaskType.objects.filter(active=True)
                if name in {t.code.casefold(), t.name_fi.casefold(), t.name_sv.casefold()}
            ),
            None,
        )
        if task is None:
            raise BadCell("task_unknown", column="task")
        contact = owner.contacts.first()
        draft = OrderDraft(
            form_key=uuid.uuid5(ORDER_KEYS, f"{owner.business_id} {values['external_no']}"),
            customer=owner,
            task_type=task,
            works_on=values["works_on"],
            starts=values["starts"],
            duration_min=values["duration"],
            people=values.get("people") or 1,
            street=values["street"],
            postal_code=values["postal_code"],
            city=placed(values)["city"],
            orderer_name=contact.name if contact else values["site_contact"],
            orderer_email=values.get("email") or (contact.email if contact else ""),
            orderer_phone=values.get("phone") or "",
            site_contact_name=values["site_contact"],
            site_contact_phone=values.get("phone") or "",
            wear=values.get("wear") or "",
            hazards=values.get("hazards") or "",
            description=values.get("description") or "",
            customer_reference=values.get("reference") or "",
            language=Language(owner.language).value,
        )
        fitting(Site, {"street": draft.street, "city": draft.city})
        texts = ("wear", "hazards", "description", *IN_ANOTHER_COLUMN)
        fitting(WorkOrder, {n: getattr(draft, n) for n in texts}, **IN_ANOTHER_COLUMN)
        names = ("works_on", "starts", "duration_min", "people", "site_contact_name")
        fields = {n: getattr(draft, n) for n in names}
        row = WorkOrder.objects.filter(form_key=draft.form_key).first()
        if row is None:
            violations = order_violations(draft, by=None, now=now)
            if violations:
                raise RuleBroken(violations)
        elif current(row, fields) != fields:
            # People may already have been told of it: an order is changed on its own page.
            raise BadCell("order_exists", column="external_no", number=row.number)
        label = f"{owner}: {task}"
        return Wanted(
            label,
            draft.form_key,
            row,
            {**fields, "draft": draft},
            {**fields, "draft": draft} if row else {},
        )

    def write(self, wanted: Wanted, *, by: User | None, now: datetime) -> None:
        place_order(wanted.values["draft"], by=by, now=now)


# In the order in which an empty database takes them.
KINDS: dict[str, Kind] = {
    k.name: k for k in (Customers(), Sites(), TaskTypes(), Workers(), Orders())
}
