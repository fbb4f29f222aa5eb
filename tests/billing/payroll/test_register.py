"""billing.register: the working-time register of a worker, by kind of hours."""

from __future__ import annotations

import csv
import io
from datetime import date, time, timedelta

import pytest
from pypdf import PdfReader

from billing.papers.register_pdf import render_register
from billing.payroll import register
from billing.payroll import services as payroll
from core.csv_safety import safe_cell
from tests import builders
from tests.billing import world
from tests.billing.payroll.test_services import FIRST, LAST, correct, done, paid_worker

pytestmark = pytest.mark.django_db


def test_register_has_every_kind_of_the_law() -> None:
    """872/2019 32 §: ordinary, additional, overtime by rate, emergency, Sunday."""
    worker = paid_worker()
    done(worker, date(2026, 11, 8), at=time(8))
    correct(done(worker, date(2026, 11, 10)), 660)
    found = register.register(worker, FIRST, LAST, "en")
    assert found.totals == {
        "ordinary": 720,
        "additional": 0,
        "overtime 50": 120,
        "overtime 100": 60,
        "emergency": 0,
        "sunday": 240,
    }
    assert [label for _key, label in found.columns][:4] == [
        "Ordinary work",
        "Additional work",
        "Overtime 50 %",
        "Overtime 100 %",
    ]
    assert found.paid_min == 900 == payroll.period(FIRST, LAST).paid_min


def test_register_attendance_and_waiting_are_apart() -> None:
    trial = paid_worker(engagement="work_trial")
    done(trial)
    world.done(world.order(on=date(2026, 11, 27)), worker=trial)
    found = register.register(trial, FIRST, LAST, "fi")
    assert (found.paid_min, found.attendance_min, found.waiting_min) == (0, 240, 240)
    assert sum(found.totals.values()) == 0


def test_register_own_period_only() -> None:
    worker = paid_worker()
    for n in (3, 10, 17):
        done(worker, date(2026, 11, n))
    found = register.register(worker, date(2026, 11, 4), date(2026, 11, 10), "fi")
    assert [row.on for row in found.rows] == [date(2026, 11, 10)]


def test_register_csv_sums_and_escapes() -> None:
    worker = paid_worker()
    correct(done(worker), 250)
    found = register.register(worker, FIRST, LAST, "en")
    rows = list(csv.reader(io.StringIO(register.to_csv(found).decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Day"
    assert rows[-1][6:9] == ["250", "0", "250"]
    assert safe_cell("=1+1") == "'=1+1"


def test_register_pdf_many_pages_same_bytes() -> None:
    worker = paid_worker(last_name="Öhman")
    for n in range(24):
        done(worker, FIRST + timedelta(days=n), 120, time(8))
        done(worker, FIRST + timedelta(days=n), 90, time(12))
    found = register.register(worker, FIRST, LAST, "fi")
    content = render_register(found)
    assert content == render_register(found)
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 2
    text = "".join(page.extract_text() for page in pages)
    assert "Öhman" in text
    assert "84,00" in text


def test_register_of_others_is_not_readable() -> None:
    mine, other = builders.worker(user=builders.user("worker")), builders.worker()
    assert mine.user is not None
    assert list(register.readable(mine.user)) == [mine]
    assert other in register.readable(builders.user("finance"))
