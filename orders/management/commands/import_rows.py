"""`manage.py import_rows KIND FILE [--dry-run]`: a table of the office into the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core import clock
from orders.imports.kinds import KINDS
from orders.imports.reader import NotATable, read_table
from orders.imports.services import apply_import, plan_import
from orders.imports.texts import file_text, problem_text


class Command(BaseCommand):
    help = "Import customers, sites, task types, workers or orders from a CSV or XLSX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="look only, write nothing")
        parser.add_argument("--language", default="en", choices=["fi", "sv", "en"])

    def handle(self, *_args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            self._run(options["kind"], options["file"], look_only=options["dry_run"])

    def _run(self, kind: str, path: Path, *, look_only: bool) -> None:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}. Check the name of the file.") from error
        try:
            table = read_table(content)
        except NotATable as error:
            raise CommandError(f"{path}: {file_text(error.code)}") from error
        now = clock.now()
        plan = plan_import(KINDS[kind], table, now=now)
        for heading in plan.unknown:
            self.stderr.write(f"{path}: column {heading!r} is not known and is left out")
        for p in plan.problems:
            self.stderr.write(f"line {p.line}, {p.column!r}, {p.value!r}: {problem_text(p)}")
        if plan.problems:
            raise CommandError(f"{len(plan.problems)} problems; nothing was written.")
        summary = f"{plan.creates} new, {plan.updates} changed, {plan.sames} unchanged"
        if look_only:
            self.stdout.write(f"{summary}; nothing was written (--dry-run).")
            return
        apply_import(plan, file_name=path.name, by=None, now=now)
        self.stdout.write(f"{summary}.")
