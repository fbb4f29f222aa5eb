"""`manage.py bench invoices`: what a document costs to make, PDF and XML, by the frozen content."""

from __future__ import annotations

import cProfile
import json
import pstats
import resource
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.management.base import OutputWrapper

from billing.papers.einvoice.formats import Format, render
from billing.papers.pdf.invoice import render_invoice
from billing.rules.document import INVOICE, DocumentLine, InvoiceDocument, Party
from billing.rules.reference import make_reference
from billing.rules.vat import totals, vat_breakdown
from core.money import cents

LIMIT_S, LIMIT_MB = 60.0, 400.0
# What we add to the libraries that write the documents stays the smaller part.
LIBRARIES, LIBRARY_PCT = ("reportlab", "lxml"), 60.0
PROFILED = 40
FIRST = date(2026, 11, 2)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=1000, help="invoices (default 1000)")
    parser.add_argument("--rows", type=int, default=12, help="rows on each (default 12)")
    parser.add_argument("--check", action="store_true", help="fail when a limit is exceeded")


def document(number: int, rows: int) -> InvoiceDocument:
    """An invoice of a month with so many rows, the same for the same number."""
    lines = tuple(
        DocumentLine(
            f"Siivous, Kauppakatu {n + 1}, Lappeenranta", FIRST + timedelta(days=n % 28),
            Decimal(4 + n % 3), "HUR", Decimal("32.00"), cents(Decimal(32) * (4 + n % 3)), "S",
            Decimal("25.5"), str(2000 + n),
        )
        for n in range(rows)
    )  # fmt: skip
    vat = vat_breakdown((x.vat_code, x.vat_pct, x.net) for x in lines)
    found = totals(vat)
    seller = Party(
        "Askare Saimaa ry", "Valtakatu 30", "53100", "Lappeenranta", "2077474-0", "FI20774740",
        email="palvelu@askare.example", phone="05 123 4567", e_invoice_address="003720774740",
        e_invoice_operator="003723327487",
    )  # fmt: skip
    buyer = Party(
        f"Kahvila Saimaa {number} Oy",
        "Kauppakatu 4",
        "53100",
        "Lappeenranta",
        "0112038-9",
        e_invoice_address="003701120389",
        e_invoice_operator="003723327487",
    )
    return InvoiceDocument(
        kind=INVOICE, number=number, language="fi", issued_on=date(2026, 12, 1),
        due_on=date(2026, 12, 15), seller=seller, buyer=buyer, customer_no=str(number),
        buyer_reference="PO-1", lines=lines, vat_rows=vat, net=found.net, vat=found.vat,
        gross=found.gross, iban="FI2112345600000785", bic="NDEAFIHH",
        reference=make_reference(f"1{number:06d}"), payment_term_days=14,
    )  # fmt: skip


def _cost(make: Callable[[InvoiceDocument], bytes], of: InvoiceDocument, count: int) -> float:
    """CPU seconds for so many documents."""
    began = time.process_time()
    for n in range(count):
        make(replace(of, number=of.number + n))
    return time.process_time() - began


def _in_libraries(
    makers: Iterable[Callable[[InvoiceDocument], bytes]], of: InvoiceDocument
) -> float:
    """Share of the time, per cent, spent in LIBRARIES and what they call of Python itself."""
    profile = cProfile.Profile()
    with profile:
        for make in makers:
            for n in range(PROFILED):
                make(replace(of, number=of.number + n))
    theirs = everything = 0.0
    for (path, _line, name), (*_calls, own, _total, callers) in _rows(profile):
        everything += own
        if _of_library(path, name):
            theirs += own
        elif path == "~":
            # A function written in C belongs to who calls it.
            theirs += sum(row[2] for who, row in callers.items() if _of_library(who[0], who[2]))
    return round(100 * theirs / everything, 1)


def _rows(profile: cProfile.Profile) -> Iterable[tuple[Any, Any]]:
    found: Any = pstats.Stats(profile)
    return found.stats.items()  # type: ignore[no-any-return]


def _of_library(path: str, name: str) -> bool:
    return any(f"/{x}/" in path or (path == "~" and f"{x}." in name) for x in LIBRARIES)


def measure(count: int, rows: int) -> dict[str, Any]:
    """CPU seconds of `count` invoices as PDF and in both XML formats, and the peak of memory."""
    sample = document(1001, rows)
    makers: dict[str, Callable[[InvoiceDocument], bytes]] = {
        "pdf": render_invoice,
        **{f.value: partial(render, to=f) for f in Format},
    }
    for make in makers.values():
        make(sample)
    spent = {name: _cost(make, sample, count) for name, make in makers.items()}
    total = sum(spent.values())
    return {
        "invoices": count,
        "rows": rows,
        "cpu_s": {name: round(s, 3) for name, s in spent.items()},
        "documents_per_cpu_s": {name: round(count / s, 1) for name, s in spent.items()},
        "share_pct": {name: round(100 * s / total, 1) for name, s in spent.items()},
        "cpu_total_s": round(total, 3),
        "in_libraries_pct": _in_libraries(makers.values(), sample),
        # Kilobytes on Linux.
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main(options: dict[str, Any], out: OutputWrapper) -> list[str]:
    """Print the figures; the limits that were exceeded."""
    found = measure(options["count"], options["rows"])
    faults = []
    if found["cpu_total_s"] > LIMIT_S * options["count"] / 1000:
        faults.append(f"{found['cpu_total_s']} s CPU")
    if found["peak_mb"] > LIMIT_MB:
        faults.append(f"{found['peak_mb']} MB")
    if found["in_libraries_pct"] < LIBRARY_PCT:
        faults.append(f"{found['in_libraries_pct']} % in {' and '.join(LIBRARIES)}")
    if options["json"]:
        out.write(json.dumps({**found, "faults": faults}, indent=1))
        return faults
    out.write(f"{found['invoices']} invoices x {found['rows']} rows")
    for name, per_second in found["documents_per_cpu_s"].items():
        share = found["share_pct"][name]
        out.write(f"  {name:10} {per_second:8} documents per CPU second, {share} % of the time")
    out.write(f"  {found['in_libraries_pct']} % of it in {' and '.join(LIBRARIES)} themselves")
    out.write(f"  together {found['cpu_total_s']} s CPU, peak {found['peak_mb']} MB")
    return faults
