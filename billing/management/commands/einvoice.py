"""`manage.py einvoice NUMBER --format finvoice --out FILE`: one issued invoice as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from billing.invoices import delivery
from billing.invoices.document import pdf_of
from billing.models import Invoice
from billing.papers.einvoice.formats import Format
from core.texts import problem_texts
from core.violations import RuleBroken


class Command(BaseCommand):
    help = "Write one issued invoice or credit note as Finvoice 3.0, Peppol UBL or PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int)
        parser.add_argument("--format", choices=[*Format, "pdf"], default=Format.FINVOICE.value)
        parser.add_argument("--out", default="-", help="the file; - is the standard output")
        parser.add_argument("--series", help="invoice or credit_note, when both have the number")

    def handle(self, *args: Any, **options: Any) -> None:
        invoice = self._find(options["number"], options["series"])
        try:
            if options["format"] == "pdf":
                content = pdf_of(invoice)
            else:
                content = delivery.einvoice_bytes(invoice, Format(options["format"]))
        except RuleBroken as error:
            with translation.override("en"):
                raise CommandError(" ".join(problem_texts(error))) from error
        if options["out"] == "-":
            sys.stdout.buffer.write(content)
            return
        Path(options["out"]).write_bytes(content)
        self.stdout.write(f"{options['out']}: {len(content)} bytes")

    def _find(self, number: int, series: str | None) -> Invoice:
        rows = Invoice.objects.select_related("customer").filter(number=number)
        found = list(rows.filter(series=series) if series else rows)
        if not found:
            raise CommandError(f"There is no invoice {number}.")
        if len(found) > 1:
            raise CommandError(f"{number} is in several series: give --series.")
        return found[0]
