"""billing.payroll: periods, frozen exports, corrections as differences, kinds of engagement."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections import defaultdict
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from lxml import etree

from accounts.models import Role
from billing.hours import services as hours
from billing.invoices import services
from billing.models import HourEntry
from billing.models.payroll import (
    AgreementOfWorker,
    HourMark,
    PayAgreement,
    PayrollBatch,
    PayrollRow,
    PayRuleVersion,
    RoundedMinutes,
    RoundingVersion,
)
from billing.payroll import formats as payroll_formats
from billing.payroll import kinds
from billing.payroll import services as payroll
from billing.payroll.formats import FormatRow, Paper
from billing.payroll.texts import wage_names
from core.book_checks import broken_invariants
from core.models import AuditEvent
from core.violations import RuleBroken
from tests import builders
from tests.billing import world
from tests.billing.rules.test_pay import TEXT
from tests.billing.world import BILLING, THURSDAY
from workers.models import Engagement, Worker

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {v.code for v in error.value.violations}


def finance() -> Any:
    return builders.user(Role.FINANCE)


def paid_worker(**fields: Any) -> Worker:
    return builders.worker(**({"payroll_no": "7001"} | fields))


def done(worker: Worker, on: date = THURSDAY, minutes: int = 240, at: time = time(9)) -> HourEntry:
    return world.approved(world.order(on=on, duration_min=minutes, at=at), worker=worker)


def correct(entry: HourEntry, minutes: int, *, approve: bool = True) -> HourEntry:
    new = hours.correct_hours(
        entry,
        started_at=entry.started_at,
        ended_at=entry.started_at + timedelta(minutes=minutes),
        break_min=0,
        by=None,
        now=BILLING,
        note="Muutos",
    )
    if approve:
        hours.approve_hours([new], by=None, now=BILLING, as_="finance")
    return new


def exported() -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for code, minutes in PayrollRow.objects.values_list("wage_code", "minutes"):
        sums[code] += minutes
    return {code: n for code, n in sums.items() if n}


# --------------------------------------------------------------------------- export


@pytest.mark.engine
def test_export_holds_approved_hours_only_and_freezes_them() -> None:
    worker = paid_worker()
    done(worker)
    world.done(world.order(on=THURSDAY + timedelta(days=1)), worker=worker)
    found = payroll.period(FIRST, LAST)
    assert (found.paid_min, found.to_export_min, found.waiting) == (240, 240, 1)
    batch = payroll.export(FIRST, LAST, by=finance(), now=BILLING)
    assert (batch.number, batch.minutes, batch.rows_count) == (1, 240, 1)
    assert {f.format for f in batch.files.all()} == {"neutral", "netvisor", "procountor"}
    assert AuditEvent.objects.filter(verb="payroll.exported").count() == 1
    for row in (batch, batch.rows.get(), batch.files.first()):
        table = row._meta.db_table
        for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"{sql} WHERE id = %s", [row.pk])


def test_export_again_nothing_new_is_refused() -> None:
    done(paid_worker())
    by = finance()
    payroll.export(FIRST, LAST, by=by, now=BILLING)
    assert payroll.period(FIRST, LAST).to_export_min == 0
    with pytest.raises(RuleBroken) as error:
        payroll.export(FIRST, LAST, by=by, now=BILLING)
    assert codes(error) == {"payroll_nothing"}


def test_export_after_a_correction_holds_the_difference() -> None:
    entry = done(paid_worker(), minutes=460)
    by = finance()
    payroll.export(FIRST, LAST, by=by, now=BILLING)
    correct(entry, 500)
    second = payroll.export(FIRST, LAST, by=by, now=BILLING)
    rows = {row.wage_code: row for row in second.rows.all()}
    assert {code: row.minutes for code, row in rows.items()} == {"100": 50, "200": 20}
    assert all(row.is_correction for row in rows.values())
    assert exported() == {"100": 480, "200": 20}


def test_export_while_a_correction_waits_takes_nothing_back() -> None:
    entry = done(paid_worker())
    by = finance()
    payroll.export(FIRST, LAST, by=by, now=BILLING)
    new = correct(entry, 100, approve=False)
    assert payroll.period(FIRST, LAST).workers[0].changes == []
    hours.approve_hours([new], by=None, now=BILLING, as_="finance")
    assert payroll.period(FIRST, LAST).to_export_min == -140


def test_export_lacking_number_is_told_and_comes_later() -> None:
    worker = paid_worker(payroll_no="")
    done(worker)
    found = payroll.period(FIRST, LAST)
    assert [row.worker for row in found.lacking] == [worker]
    with pytest.raises(RuleBroken) as error:
        payroll.export(FIRST, LAST, by=finance(), now=BILLING)
    assert codes(error) == {"payroll_nothing"}
    Worker.objects.filter(pk=worker.pk).update(payroll_no="7002")
    assert payroll.export(FIRST, LAST, by=finance(), now=BILLING).minutes == 240


def test_export_of_a_week_over_the_month_sees_the_overtime_of_the_week() -> None:
    worker = paid_worker()
    Engagement.objects.filter(worker=worker).update(weekly_max_min=None)
    for n in range(6):  # Monday 26 October to Saturday 31, then Sunday 1 November
        done(worker, date(2026, 10, 26) + timedelta(days=n), 480)
    done(worker, FIRST, 240)
    november = payroll.period(FIRST, LAST)
    assert november.by_kind["weekly_overtime"] == 240
    assert november.by_kind["sunday"] == 240


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [(LAST, FIRST, "period_order"), (date(2020, 1, 1), LAST, "period_too_long")],
)
def test_period_refuses(first: date, last: date, code: str) -> None:
    with pytest.raises(RuleBroken) as error:
        payroll.period(first, last)
    assert codes(error) == {code}


# --------------------------------------------------------------------------- rules of the agreement


def test_agreement_from_a_day_on_pays_its_supplements() -> None:
    worker = paid_worker()
    agreement = PayAgreement.objects.create(name="Kiinteistöpalveluala")
    PayRuleVersion.objects.create(
        agreement=agreement, version="kipa-1", valid_from=THURSDAY, rules=TEXT, source="TES 10 §"
    )
    AgreementOfWorker.objects.create(
        worker=worker, agreement=agreement, valid_from=date(2026, 1, 1)
    )
    done(worker, THURSDAY - timedelta(days=1), at=time(17))
    done(worker, THURSDAY, at=time(17))
    lines = payroll.paid_between(FIRST, LAST)
    assert {(x.line.on, x.line.version) for x in lines} == {
        (THURSDAY - timedelta(days=1), "law-2020"),
        (THURSDAY, "kipa-1"),
    }
    assert [x.line.minutes for x in lines if x.line.rule.kind == "evening"] == [180]


def test_pay_rounding_of_an_agreement_never_touches_the_raw_minutes() -> None:
    worker = paid_worker()
    agreement = PayAgreement.objects.create(name="Vartti")
    RoundingVersion.objects.create(
        purpose="pay",
        version="vartti-1",
        valid_from=date(2026, 1, 1),
        agreement=agreement,
        step_min=15,
        direction="up",
        breaks="deducted",
    )
    AgreementOfWorker.objects.create(
        worker=worker, agreement=agreement, valid_from=date(2026, 1, 1)
    )
    entry = correct(done(worker), 247)
    assert payroll.period(FIRST, LAST).paid_min == 255
    payroll.export(FIRST, LAST, by=finance(), now=BILLING)
    entry.refresh_from_db()
    assert entry.work_min == 247
    kept = RoundedMinutes.objects.get(entry=entry)
    assert (kept.version, kept.minutes, kept.purpose) == ("vartti-1", 255, "pay")
    # A newer version changes the future, not what was kept.
    RoundingVersion.objects.create(
        purpose="pay",
        version="vartti-2",
        valid_from=date(2026, 12, 1),
        agreement=agreement,
        step_min=30,
        direction="down",
        breaks="deducted",
    )
    assert payroll.period(FIRST, LAST).to_export_min == 0
    assert broken_invariants() == []


# --------------------------------------------------------------------------- engagement kinds


@pytest.mark.parametrize(
    "kind", ["work_trial", "rehabilitative", "training_agreement", "school_practice"]
)
def test_unpaid_kind_reaches_neither_payroll_nor_an_invoice(kind: str) -> None:
    builders.organisation()
    entry = done(paid_worker(engagement=kind))
    found = payroll.period(FIRST, LAST)
    assert (found.workers, found.attendance_min) == ([], 240)
    customer = entry.assignment.order.customer
    assert services.make_drafts([customer.pk], until=LAST, by=None, now=BILLING) == []
    # Even when somebody's code moves the state, the draft refuses.
    HourEntry.objects.filter(pk=entry.pk).update(bill_state="unbilled")
    with pytest.raises(RuleBroken) as error:
        services.make_drafts([customer.pk], until=LAST, by=None, now=BILLING)
    assert codes(error) == {"hours_kind_not_billable"}


def test_control_without_the_gate_the_trial_would_be_billed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    builders.organisation()
    entry = done(paid_worker(engagement="work_trial"))
    HourEntry.objects.filter(pk=entry.pk).update(bill_state="unbilled")
    monkeypatch.setattr(services, "refuse_unbillable", lambda entries: None)
    customer = entry.assignment.order.customer
    assert len(services.make_drafts([customer.pk], until=LAST, by=None, now=BILLING)) == 1


def test_unpaid_kind_with_a_logged_decision_is_billed_and_paid() -> None:
    entry = done(paid_worker(engagement="training_agreement"))
    by = finance()
    for mark in (HourMark.Mark.BILL, HourMark.Mark.PAY):
        kinds.mark_hours(
            entry.assignment, mark, by=by, now=BILLING, reason="Sovittu", contract_ref="S-1"
        )
    customer = entry.assignment.order.customer
    (draft,) = services.make_drafts([customer.pk], until=LAST, by=None, now=BILLING)
    assert draft.net == Decimal("128.00")
    assert payroll.period(FIRST, LAST).paid_min == 240
    events = AuditEvent.objects.filter(verb__endswith="_decided")
    assert {e.verb for e in events} == {"hours.bill_decided", "hours.pay_decided"}
    assert {e.reason for e in events} == {"Sovittu"}


@pytest.mark.parametrize(
    ("mark", "more", "code"),
    [
        ("bill", {"reason": " "}, "mark_reason"),
        ("bill", {"contract_ref": ""}, "mark_contract"),
        ("pay", {"contract_ref": ""}, "mark_contract"),
    ],
)
def test_decision_needs_a_reason_and_a_contract(mark: str, more: dict[str, str], code: str) -> None:
    entry = done(paid_worker(engagement="work_trial"))
    values = {"reason": "Sovittu", "contract_ref": "S-1"} | more
    with pytest.raises(RuleBroken) as error:
        kinds.mark_hours(entry.assignment, HourMark.Mark(mark), by=finance(), now=BILLING, **values)
    assert codes(error) == {code}


def test_decision_that_is_not_needed_or_made_already_is_refused() -> None:
    employed, trial = done(paid_worker()), done(paid_worker(engagement="work_trial"))
    values = {"by": finance(), "now": BILLING, "reason": "Sovittu", "contract_ref": "S-1"}
    with pytest.raises(RuleBroken) as error:
        kinds.mark_hours(employed.assignment, HourMark.Mark.PAY, **values)
    assert codes(error) == {"mark_not_needed"}
    kinds.mark_hours(trial.assignment, HourMark.Mark.PAY, **values)
    with pytest.raises(RuleBroken) as error:
        kinds.mark_hours(trial.assignment, HourMark.Mark.PAY, **values)
    assert codes(error) == {"mark_exists"}


def test_full_subsidy_shuts_out_paid_work() -> None:
    """A 100 % subsidy is for what is not business: the contract says so by itself."""
    worker = builders.worker(engagement="")
    deal = Engagement.objects.create(
        worker=worker, kind="pay_subsidy", starts_on=date(2026, 1, 1), subsidy_pct=Decimal(100)
    )
    assert deal.excludes_business
    assert not deal.may_be_billed
    Engagement.objects.update_or_create(
        worker=worker, starts_on=date(2026, 1, 1), defaults={"subsidy_pct": Decimal(70)}
    )
    half = Engagement.objects.create(
        worker=worker, kind="pay_subsidy", starts_on=date(2026, 6, 1), subsidy_pct=Decimal(50)
    )
    assert half.may_be_billed
    again, _made = Engagement.objects.update_or_create(
        worker=worker, starts_on=date(2026, 6, 1), defaults={"subsidy_pct": Decimal(100)}
    )
    again.refresh_from_db()
    assert again.excludes_business


def test_full_subsidy_hours_are_paid_and_not_billed() -> None:
    worker = paid_worker(engagement="")
    Engagement.objects.create(
        worker=worker, kind="pay_subsidy", starts_on=date(2026, 1, 1), subsidy_pct=Decimal(100)
    )
    entry = done(worker)
    assert entry.bill_state == "not_billable"
    assert payroll.period(FIRST, LAST).paid_min == 240


# --------------------------------------------------------------------------- files


def rows_of(batch: PayrollBatch, format: str) -> list[list[str]]:  # noqa: A002
    text = bytes(batch.files.get(format=format).content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def netvisor_days(batch: PayrollBatch) -> list[etree._Element]:
    pack = zipfile.ZipFile(io.BytesIO(bytes(batch.files.get(format="netvisor").content)))
    return [etree.fromstring(pack.read(name)) for name in pack.namelist()]


def hours_of(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def test_netvisor_a_document_for_each_day_replaces_then_adds() -> None:
    worker = paid_worker()
    entry = correct(done(worker), 510)
    by = finance()
    (day,) = netvisor_days(payroll.export(FIRST, LAST, by=by, now=BILLING))
    assert day.find("workday/date").attrib == {"format": "ansi", "method": "replace"}
    assert day.findtext("workday/date") == "2026-11-26"
    assert day.findtext("workday/employeeidentifier") == "7001"
    assert [
        (x.findtext("collectorratio"), x.findtext("hours")) for x in day.iter("workdayhour")
    ] == [("100", "8,00"), ("200", "0,50")]
    correct(entry, 480)
    (day,) = netvisor_days(payroll.export(FIRST, LAST, by=by, now=BILLING))
    assert day.find("workday/date").get("method") == "increment"


def test_procountor_row_shape() -> None:
    worker = paid_worker()
    entry = done(worker)
    batch = payroll.export(FIRST, LAST, by=finance(), now=BILLING)
    number = str(entry.assignment.order.number)
    name = wage_names()["ordinary"]
    assert rows_of(batch, "procountor") == [["E", "7001", "100", name, "4,00", "", number, number]]


def row(**fields: Any) -> FormatRow:
    values: dict[str, Any] = {
        "row_id": "1-1", "payroll_no": "7001", "on": THURSDAY, "wage_code": "100",
        "wage_name": "Työ", "minutes": 10, "is_part": True, "is_correction": False,
        "order_no": "2001", "cost_centre": "cleaning", "engagement_kind": "employment",
        "approved_by": "Raija", "approved_at": BILLING, "percent": Decimal(0), "eur_h": None,
    }  # fmt: skip
    return FormatRow(**(values | fields))


PAPER = Paper(1, FIRST, LAST, "Askare ry")
NASTY = ['=HYPERLINK("x")', "a;b", 'say "hi"', "two\r\nlines", "<b>&amp;</b>", "-1+1", "\x00\x0b€"]


@pytest.mark.parametrize("text", NASTY)
def test_files_escape_what_people_write(text: str) -> None:
    nasty = row(wage_name=text, approved_by=text, payroll_no=text or "x")
    (cells,) = list(
        csv.reader(
            io.StringIO(payroll_formats.neutral_csv(PAPER, [nasty]).decode("utf-8-sig")),
            delimiter=";",
        )
    )[1:]
    assert len(cells) == len(payroll_formats.NEUTRAL_COLUMNS)
    assert not any(c.startswith(("=", "@", "+")) for c in cells)
    pack = zipfile.ZipFile(io.BytesIO(payroll_formats.netvisor_zip([nasty], frozenset())))
    day = etree.fromstring(pack.read(pack.namelist()[0]))
    assert len(list(day.iter("workdayhour"))) == 1
    assert not [x for x in day.iter() if x.tag == "b"]


def test_files_same_rows_same_bytes() -> None:
    rows = [row(), row(row_id="1-2", minutes=-10)]
    first = payroll_formats.render_all(PAPER, rows, frozenset())
    assert first == payroll_formats.render_all(PAPER, rows, frozenset())


def test_quantities_thirds_of_an_hour_add_up() -> None:
    rows = [row(minutes=20) for _ in range(9)]
    assert sum(payroll_formats.quantities(rows)) == Decimal("3.00")
    # Control: each rounded by itself loses a minute and more.
    assert sum(payroll_formats.quantities([x])[0] for x in rows) == Decimal("2.97")


def totals(batch: PayrollBatch) -> dict[str, dict[tuple[str, str], int]]:
    """Minutes by (person, wage type) as each file tells them."""
    found: dict[str, dict[tuple[str, str], Decimal]] = {
        name: defaultdict(Decimal) for name in ("minutes", "neutral", "netvisor", "procountor")
    }
    head, *lines = rows_of(batch, "neutral")
    for cells in lines:
        named = dict(zip(head, cells, strict=True))
        key = (named["payroll_person_no"], named["wage_type_code"])
        found["minutes"][key] += Decimal(named["minutes"]) / 60
        found["neutral"][key] += hours_of(named["quantity"])
    for cells in rows_of(batch, "procountor"):
        found["procountor"][cells[1], cells[2]] += hours_of(cells[4])
    for day in netvisor_days(batch):
        person = str(day.findtext("workday/employeeidentifier"))
        for hour in day.iter("workdayhour"):
            key = (person, str(hour.findtext("collectorratio")))
            found["netvisor"][key] += hours_of(str(hour.findtext("hours")))
    return {name: {key: round(n * 60) for key, n in sums.items()} for name, sums in found.items()}


@pytest.mark.parametrize("seed", range(6))
def test_totals_of_every_format_equal_the_screen_to_the_minute(seed: int) -> None:
    """Random hours, corrections and exports: each file tells what the screen told before it."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible walk
    people = [paid_worker(payroll_no=str(7000 + n)) for n in range(3)]
    by, days = finance(), [FIRST + timedelta(days=n) for n in range(24)]
    rng.shuffle(days)
    for _round in range(3):
        for _n in range(5):
            done(rng.choice(people), days.pop(), rng.randint(60, 480), time(rng.choice((6, 9, 12))))
        approved = list(HourEntry.objects.filter(status="approved").order_by("pk"))
        for entry in rng.sample(approved, 2):
            correct(entry, rng.randint(31, 700))
        screen = payroll.period(FIRST, LAST)
        wanted: dict[tuple[str, str], int] = defaultdict(int)
        for of_worker in screen.ready:
            for change in of_worker.changes:
                wanted[of_worker.worker.payroll_no, change.key.wage_code] += change.minutes
        batch = payroll.export(FIRST, LAST, by=by, now=BILLING)
        assert batch.minutes == screen.to_export_min
        for name, sums in totals(batch).items():
            assert sums == dict(wanted), name
        assert world.exported_min(FIRST, LAST) == payroll.period(FIRST, LAST).paid_min
    assert payroll.period(FIRST, LAST).to_export_min == 0


def test_control_an_export_that_forgets_the_earlier_ones_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = done(paid_worker())
    by = finance()
    payroll.export(FIRST, LAST, by=by, now=BILLING)
    correct(entry, 300)
    real = payroll.differences

    def forgetful(paid: Any, first: date, last: date) -> Any:
        return real(paid, date(1999, 1, 1), date(1999, 1, 2))

    monkeypatch.setattr(payroll, "differences", forgetful)
    payroll.export(FIRST, LAST, by=by, now=BILLING)
    assert world.exported_min(FIRST, LAST) != payroll.period(FIRST, LAST).paid_min


@pytest.mark.engine
def test_stored_file_that_was_changed_is_not_given_out() -> None:
    done(paid_worker())
    batch = payroll.export(FIRST, LAST, by=finance(), now=BILLING)
    found = payroll.file_of(batch, "neutral")
    assert found is not None
    from core import guards

    with connection.cursor() as cursor:
        guards.drop()
        cursor.execute("UPDATE billing_payrollfile SET content_hash = 'x'")
    try:
        with pytest.raises(RuleBroken) as error:
            payroll.file_of(batch, "neutral")
    finally:
        guards.install()
    assert codes(error) == {"payroll_file_changed"}
