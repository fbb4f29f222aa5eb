"""Addresses of e-invoices: where an invoice goes and who carries it there. Pure.

An address is an OVT code (0037 + Y-tunnus without hyphen + up to 5 letters or digits), a Finnish
IBAN, a Peppol id of another country (0007:5560125790) or an id that the operator gave (2-35
characters). An operator is named by its OVT code or by a bank's BIC. Bad input raises ValueError
whose message is a code of this file.

Sources: OVT and ISO 6523 as in the Finnish e-invoice address register; Peppol's list of address
schemes (the ones of countries nearby), in which Finland has 0216 alone.
"""

from __future__ import annotations

import re

from stdnum import iban
from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus

OVT_PREFIX = "0037"
FINNISH_SCHEME = "0216"
# Code and name of operators that are known for certain; any other OVT or BIC is taken as well.
OPERATORS = (
    ("003723327487", "Apix Messaging"),
    ("NDEAFIHH", "Nordea"),
    ("OKOYFIHH", "OP"),
    ("DABAFIHH", "Danske Bank"),
)
# GLN, then national schemes of Sweden, Denmark, Norway, Estonia, the Netherlands, Belgium, France,
# Germany, Lithuania and Italy, and the VAT numbers of the EU states.
FOREIGN_SCHEMES = frozenset(
    (
        "0007", "0009", "0060", "0088", "0096", "0106", "0184", "0190", "0191", "0192", "0198",
        "0200", "0204", "0208", "0211", "0225", "9910", "9914", "9920", "9925", "9926", "9928",
        "9929", "9930", "9931", "9933", "9934", "9935", "9937", "9938", "9939", "9943", "9944",
        "9945", "9946", "9947", "9949", "9950", "9957",
    )
)  # fmt: skip
_OVT = re.compile(r"0037([0-9]{8})[0-9A-Z]{0,5}")
_BIC = re.compile(r"[A-Z]{6}[0-9A-Z]{2}([0-9A-Z]{3})?")
_FOREIGN = re.compile(r"([0-9]{4}):([0-9A-Za-z:._-]{2,30})")
_OTHER = re.compile(r"[0-9A-Za-z:._/-]{2,35}")


def _compact(text: str) -> str:
    return "".join(text.split())


def is_ovt(text: str) -> bool:
    """Whether this is an OVT code whose Y-tunnus is right."""
    found = _OVT.fullmatch(text)
    return bool(found) and ytunnus.is_valid(found[1] if found else "")


def check_address(text: str) -> str:
    """The address as it is written into an invoice, without spaces.

    Raises:
        ValueError: einvoice_ovt (a wrong OVT code), einvoice_iban, einvoice_address.
    """
    compact = _compact(text)
    if _FOREIGN.fullmatch(compact) and compact[:4] in FOREIGN_SCHEMES:
        return compact
    if compact.startswith(f"{FINNISH_SCHEME}:"):
        compact = compact[5:]
    upper = compact.upper()
    if upper.startswith(OVT_PREFIX):
        if not is_ovt(upper):
            raise ValueError("einvoice_ovt")
        return upper
    if re.match(r"FI[0-9]", upper):
        try:
            return str(iban.validate(upper))
        except ValidationError as error:
            raise ValueError("einvoice_iban") from error
    if not _OTHER.fullmatch(compact):
        raise ValueError("einvoice_address")
    return compact


def check_operator(text: str) -> str:
    """The operator's code without spaces, in capitals.

    Raises:
        ValueError: einvoice_operator.
    """
    compact = _compact(text).upper()
    if not (is_ovt(compact) or _BIC.fullmatch(compact)):
        raise ValueError("einvoice_operator")
    return compact


def endpoint(address: str) -> tuple[str, str] | None:
    """Scheme and id of a Peppol address; None for an IBAN and for ids that only operators know."""
    try:
        found = check_address(address)
    except ValueError:
        return None
    if is_ovt(found):
        return FINNISH_SCHEME, found
    scheme = _FOREIGN.fullmatch(found)
    return (scheme[1], scheme[2]) if scheme else None
