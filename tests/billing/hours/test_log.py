"""The hour log of a month: sums, privacy, CSV."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Role
from billing.hours import log
from billing.papers.pdf.hour_log import render_hour_log
from core.months import month_of
from tests import builders
from tests.billing import world

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-11", NOVEMBER), ("2026-13", None), ("2026-1", None), ("x", None), ("", None)],
)
def test_month_of_reads_only_months(text: str, expected: date | None) -> None:
    assert month_of(text) == expected


def test_hour_log_totals_equal_the_approved_minutes() -> None:
    """The hour log is the payroll file for people: approved and waiting apart, Sundays named."""
    worker = builders.worker()
    world.approved(world.order(), worker=worker)
    world.done(world.order(on=date(2026, 11, 29)), worker=worker)
    world.approved(world.order(on=date(2026, 12, 1)), worker=worker)
    document = log.hour_log(worker, NOVEMBER, "en")
    assert document.work_min == 480
    assert [minutes for _label, minutes in document.totals] == [240, 240, 240]


def test_hour_log_replaced_hours_are_left_out() -> None:
    from tests.billing.invoices.test_services import correct

    worker = builders.worker()
    correct(world.approved(worker=worker), minutes=200)
    assert [r.work_min for r in log.hour_log(worker, NOVEMBER, "fi").rows] == [200]


def test_hour_log_for_a_customer_has_first_names_and_no_kinds() -> None:
    """The customer learns neither surname nor kind of contract, in the PDF and in the table."""
    entry = world.approved(
        worker=builders.worker(first_name="Aino", last_name="Sukunimi", engagement="work_trial")
    )
    document = log.hour_log(entry.assignment.order.customer, NOVEMBER, "fi")
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(render_hour_log(document))).pages)
    table = log.to_csv(document).decode("utf-8-sig")
    for found in (text, table):
        assert "Aino" in found
        assert "Sukunimi" not in found
        assert "trial" not in found.lower()
        assert "kokeilu" not in found.lower()


def test_hour_log_csv_formula_like_names_are_defused() -> None:
    """A cell that a spreadsheet would run begins with an apostrophe."""
    worker = builders.worker(first_name="=HYPERLINK(1)")
    world.approved(worker=worker)
    (_head, row) = rows_of(log.to_csv(log.hour_log(worker, NOVEMBER, "fi")))
    assert row[1].startswith("'=HYPERLINK")
    assert row[7:9] == ["240", "4,00"]


@pytest.mark.parametrize("ending", ["pdf", "csv"])
def test_hour_log_worker_gets_own_and_not_others(ending: str) -> None:
    """T1."""
    user = builders.user(Role.WORKER)
    own, other = builders.worker(user=user), builders.worker()
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def ask(worker: Any) -> int:
        url = reverse("billing:hour-log-worker", args=[worker.ref, 2026, 11, ending])
        return client.get(url).status_code

    assert (ask(own), ask(other)) == (200, 404)
    bad = reverse("billing:hour-log-worker", args=[own.ref, 2026, 13, ending])
    assert client.get(bad).status_code == 404
