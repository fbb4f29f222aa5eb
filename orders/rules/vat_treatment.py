"""VAT treatment of a sale: at home, of construction, and to buyers in other EU states. Pure.

Sources: VAT directive 2006/112/EC articles 44, 47 and 196; Finnish VAT act (1501/1993) sections
8 c, 65 and 67. Construction sold to a business that sells construction itself has the domestic
reverse charge (8 c): the buyer accounts for the VAT. A service to a business of another state is
taxed where the business is, and the buyer accounts for it. A service connected with real property
(cleaning a building, a garden, moving inside a building) is taxed where the property is, so in
Finland, whoever buys it. Numbers are checked for their form; whether a number is in force says only
the VIES register of the EU.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

HOME = "FI"
# Code -> Finnish, Swedish and English name. ISO 3166-1 alpha-2; Greek VAT numbers begin EL.
COUNTRIES = {
    "FI": ("Suomi", "Finland", "Finland"),
    "AT": ("Itävalta", "Österrike", "Austria"),
    "BE": ("Belgia", "Belgien", "Belgium"),
    "BG": ("Bulgaria", "Bulgarien", "Bulgaria"),
    "CY": ("Kypros", "Cypern", "Cyprus"),
    "CZ": ("Tšekki", "Tjeckien", "Czechia"),
    "DE": ("Saksa", "Tyskland", "Germany"),
    "DK": ("Tanska", "Danmark", "Denmark"),
    "EE": ("Viro", "Estland", "Estonia"),
    "ES": ("Espanja", "Spanien", "Spain"),
    "FR": ("Ranska", "Frankrike", "France"),
    "GR": ("Kreikka", "Grekland", "Greece"),
    "HR": ("Kroatia", "Kroatien", "Croatia"),
    "HU": ("Unkari", "Ungern", "Hungary"),
    "IE": ("Irlanti", "Irland", "Ireland"),
    "IT": ("Italia", "Italien", "Italy"),
    "LT": ("Liettua", "Litauen", "Lithuania"),
    "LU": ("Luxemburg", "Luxemburg", "Luxembourg"),
    "LV": ("Latvia", "Lettland", "Latvia"),
    "MT": ("Malta", "Malta", "Malta"),
    "NL": ("Alankomaat", "Nederländerna", "Netherlands"),
    "PL": ("Puola", "Polen", "Poland"),
    "PT": ("Portugali", "Portugal", "Portugal"),
    "RO": ("Romania", "Rumänien", "Romania"),
    "SE": ("Ruotsi", "Sverige", "Sweden"),
    "SI": ("Slovenia", "Slovenien", "Slovenia"),
    "SK": ("Slovakia", "Slovakien", "Slovakia"),
}
_PREFIX = {"GR": "EL"}


def country_name(code: str, language: str) -> str:
    """Name of a country in fi, sv or en; the code itself when it is none of ours."""
    names = COUNTRIES.get(code)
    return names[{"fi": 0, "sv": 1}.get(language[:2], 2)] if names else code


def vat_prefix(country: str) -> str:
    """The two letters that VAT numbers of a country begin with."""
    return _PREFIX.get(country, country)


def plain_vat_id(text: str) -> str:
    """A number as it is kept: capitals and digits alone, a Greek one with EL."""
    typed = "".join(c for c in text if c.isalnum()).upper()
    # Greeks write both; the register knows EL alone.
    return f"EL{typed[2:]}" if typed[:2] == "GR" else typed


def check_vat_id(text: str, country: str) -> str:
    """The VAT number in capitals and without spaces, with its country's letters.

    Raises:
        ValueError: vat_id_country (the letters of another country), vat_id_form.
    """
    prefix = vat_prefix(country)
    typed = plain_vat_id(text)
    if typed[:2] != prefix and typed[:2] in {vat_prefix(code) for code in COUNTRIES}:
        raise ValueError("vat_id_country")
    try:
        found = str(eu_vat.validate(typed))
    except ValidationError as error:
        raise ValueError("vat_id_form") from error
    if not found.startswith(prefix):
        raise ValueError("vat_id_country")
    return found


def buyer_problems(country: str, *, business_id: str, vat_id: str) -> dict[str, str]:
    """Code of what a buyer's numbers lack by field of the card; empty when they are right."""
    if country not in COUNTRIES:
        return {"country": "country_unknown"}
    if country == HOME:
        found = {} if business_id else {"business_id": "business_id_missing"}
        # A Finnish VAT number follows from the Y-tunnus; two that may differ are one too many.
        return found | ({"vat_id": "vat_id_home"} if vat_id else {})
    if not vat_id:
        return {"vat_id": "vat_id_missing"}
    try:
        check_vat_id(vat_id, country)
    except ValueError as error:
        return {"vat_id": str(error)}
    return {}


class Why(StrEnum):
    """Why a line carries the VAT that it does; finance reads it beside the line."""

    HOME = ""
    NOT_REGISTERED = "not_registered"
    CONSTRUCTION = "construction"
    EU_SERVICE = "eu_service"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class Sale:
    """What decides the VAT of a sale: who buys, and what the work is.

    `registered`: we charge VAT at all. `business_id`: the buyer's Y-tunnus. `construction`: the
    task or its site is construction; `construction_seller`: the buyer sells such work itself.
    """

    registered: bool = True
    country: str = HOME
    business_id: str = ""
    vat_id: str = ""
    real_property: bool = True
    construction: bool = False
    construction_seller: bool = False


def is_construction(*, site: bool, task: bool) -> bool:
    """Whether the work counts as construction: its site is one, or the task is such a service."""
    return site or task


def has_construction_reverse_charge(sale: Sale) -> bool:
    """The domestic reverse charge of construction; a buyer from abroad needs a Finnish number."""
    at_home = sale.country == HOME or bool(sale.business_id)
    return sale.construction and sale.construction_seller and at_home


def treatment(sale: Sale) -> tuple[str, Why]:
    """VAT category code (S, AE or O) and the reason for it.

    Construction is work on real property, so its reverse charge stays one of Finnish VAT; a buyer
    from abroad has it with a Finnish number only.
    """
    abroad = sale.country != HOME
    property_work = sale.real_property or sale.construction
    if not sale.registered:
        return "O", Why.NOT_REGISTERED
    if has_construction_reverse_charge(sale):
        return "AE", Why.CONSTRUCTION
    if abroad and not property_work and sale.vat_id:
        return "AE", Why.EU_SERVICE
    return "S", Why.PROPERTY if abroad else Why.HOME
