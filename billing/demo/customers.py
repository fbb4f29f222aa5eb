"""Customers of the demo with their contacts, sites, and ways of being invoiced."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

from accounts.models import Role
from billing.demo.names import FIRMS, FIRST_NAMES, LAST_NAMES
from billing.demo.region import Firm, Region
from core.languages import Language
from orders.models import Contact, Customer, Site
from orders.rules.customer_card import Channel

FROM_ABROAD, DISCOUNTED = 1, 6
SWEDISH = {
    "country": "SE",
    "business_id": "",
    "vat_id": "SE556012579001",
    "street": "Drottninggatan 1",
    "postal_code": "111 51",
    "city": "Stockholm",
    "language": Language.SV,
}


def business_ids(rng: random.Random, count: int) -> list[str]:
    """Business ids (Y-tunnus) of invented firms; their check digit is right."""
    weights = (7, 9, 10, 5, 8, 4, 2)
    found: dict[str, None] = {}
    while len(found) < count:
        base = f"{rng.randrange(1_500_000, 3_400_000)}"
        rest = sum(int(d) * w for d, w in zip(base, weights, strict=True)) % 11
        if rest != 1:
            found[f"{base}-{0 if rest == 0 else 11 - rest}"] = None
    return list(found)


def _einvoice(business_id: str, n: int) -> dict[str, str]:
    """Card fields of a customer who takes e-invoices at the address of its Y-tunnus."""
    return {
        "invoice_channel": Channel.FINVOICE if n % 2 else Channel.PEPPOL,
        "e_invoice_address": f"0037{business_id.replace('-', '')}",
        "e_invoice_operator": "003723327487",
    }


def make_customers(region: Region, count: int) -> None:
    """The firms of the names list first, with Maija who orders for the first of them."""
    ids = business_ids(region.rng, count)
    for n in range(count):
        name, kind, usual = FIRMS[n % len(FIRMS)]
        tasks: tuple[str, ...] = usual
        if n >= len(FIRMS):
            name = f"{region.rng.choice(LAST_NAMES)} {n} Oy"
            tasks = tuple(region.rng.sample(list(region.tasks), 3))
        home = region.home()
        row = Customer.objects.create(
            customer_no=str(1001 + n),
            name=name,
            business_id=ids[n],
            kind=kind,
            street=home["street"],
            postal_code=home["postal_code"],
            city=home["city"],
            invoice_email=f"laskut{n + 1}@yritys.example",
            invoice_reference=f"KP {4000 + n}" if n % 3 == 0 else "",
            payment_term_days=30 if kind == "public" else 14,
            language=Language.SV if name.endswith(" rf") else Language.FI,
            # Every third with a reference takes e-invoices, of both kinds in turn.
            **(_einvoice(ids[n], n) if n % 3 == 0 else {}),
        )
        if n == FROM_ABROAD:
            Customer.objects.filter(pk=row.pk).update(**SWEDISH)
            row.refresh_from_db()
        elif n == DISCOUNTED:
            row.discounts.create(valid_from=date(2026, 1, 1), percent=Decimal(5))
        person = (
            "Maija Virtanen"
            if n == 0
            else f"{region.rng.choice(FIRST_NAMES)} {region.rng.choice(LAST_NAMES)}"
        )
        Contact.objects.create(
            customer=row,
            user=region.users[Role.CUSTOMER] if n == 0 else None,
            name=person,
            email=f"tilaaja{n + 1}@yritys.example",
            phone=f"+35850{region.rng.randint(1000000, 9999999)}",
        )
        sites = [Site.objects.create(customer=row, **home)]
        if region.rng.random() < 0.4:
            second = region.home()
            if second["street"] != home["street"]:
                sites.append(Site.objects.create(customer=row, **second))
        region.firms.append(Firm(row, sites, tasks, person))
