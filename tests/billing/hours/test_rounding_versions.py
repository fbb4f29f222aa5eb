"""Rounding and break rules by customer and version: results are kept and can be made again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.hours import rounding_versions
from billing.hours import services as hours
from billing.hours.rounding_versions import all_rules, shipped_rules, times_rule
from billing.invoices import services
from billing.invoices.prices import charged_min, price_of
from billing.models import HourEntry
from billing.models.payroll import RoundedMinutes, RoundingVersion
from billing.rules.rounding import (
    Breaks,
    Direction,
    Purpose,
    RawMinutes,
    RoundingRule,
    UnknownVersionError,
    canonical,
    choose,
    run_again,
    stepped,
)
from core.book_checks import broken_invariants
from tests import builders
from tests.billing import world
from tests.billing.world import BILLING, THURSDAY

START = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
JANUARY = date(2026, 1, 1)


def raw(presence: int, pause: int = 0, usual: int = 0, planned: int = 0) -> RawMinutes:
    return RawMinutes(START, START + timedelta(minutes=presence), pause, usual, planned)


def rule(**fields: Any) -> RoundingRule:
    values = {"version": "t", "valid_from": JANUARY, "grace_min": 0, "purpose": Purpose.BILL}
    return RoundingRule(**(values | fields))


# --------------------------------------------------------------------------- pure


def test_shipped_rules_are_what_was_always_done() -> None:
    """The first versions are pinned: who changes one changes what was billed and paid."""
    assert shipped_rules() == (
        RoundingRule("2026-1", JANUARY, 5, Purpose.TIMES),
        RoundingRule("bill-2026-1", JANUARY, 0, Purpose.BILL, breaks=Breaks.USUAL),
        RoundingRule("pay-2026-1", JANUARY, 0, Purpose.PAY, breaks=Breaks.DEDUCTED),
    )


@pytest.mark.parametrize(
    ("minutes", "step", "direction", "result"),
    [
        (22, 15, Direction.NEAREST, 15),
        (23, 15, Direction.NEAREST, 30),
        (15, 15, Direction.UP, 15),
        (16, 15, Direction.UP, 30),
        (29, 15, Direction.DOWN, 15),
        (45, 30, Direction.NEAREST, 60),
        (7, 1, Direction.UP, 7),
    ],
)
def test_stepped(minutes: int, step: int, direction: Direction, result: int) -> None:
    assert stepped(minutes, step, direction) == result


@pytest.mark.parametrize(
    ("breaks", "paid", "counted"),
    [
        (Breaks.USUAL, 0, 450),
        (Breaks.DEDUCTED, 0, 420),
        (Breaks.DEDUCTED, 20, 440),
        (Breaks.PAID, 0, 480),
    ],
)
def test_breaks(breaks: Breaks, paid: int, counted: int) -> None:
    found = rule(breaks=breaks, paid_break_min=paid)
    assert found.minutes(raw(480, pause=60, usual=30)) == counted


def test_done_as_ordered_is_never_rounded() -> None:
    """What was promised is what is charged, whatever the step."""
    assert rule(step_min=60).minutes(raw(250, planned=250)) == 250
    assert rule(step_min=60).minutes(raw(251, planned=250)) == 240


def test_at_least_a_minute_counts() -> None:
    assert rule(step_min=15, direction=Direction.DOWN).minutes(raw(7)) == 1


def test_choose_the_owner_then_everybody() -> None:
    mine = rule(version="mine", owner=7, valid_from=date(2026, 6, 1))
    mended = rule(version="mended", owner=7, valid_from=date(2026, 6, 1))
    common = rule(version="common")
    pay = rule(version="pay", purpose=Purpose.PAY, owner=7)
    rules = (common, mine, pay, mended)
    assert choose(rules, Purpose.BILL, 7, date(2026, 5, 31)) is common
    assert choose(rules, Purpose.BILL, 7, date(2026, 6, 1)) is mended
    assert choose(rules, Purpose.BILL, 8, date(2026, 6, 1)) is common
    assert choose(rules, Purpose.PAY, 7, date(2026, 6, 1)) is pay


any_rule = st.builds(
    rule,
    version=st.sampled_from(["a", "b"]),
    step_min=st.sampled_from([1, 5, 6, 10, 15, 30, 60]),
    direction=st.sampled_from(list(Direction)),
    breaks=st.sampled_from(list(Breaks)),
    paid_break_min=st.integers(0, 30),
)
any_raw = st.builds(
    lambda p, b, u, w: raw(p, min(b, p - 1), u, w),
    st.integers(1, 960),
    st.integers(0, 120),
    st.integers(0, 60),
    st.integers(0, 960),
)


@settings(max_examples=300, deadline=None)
@given(any_rule, any_raw)
def test_old_version_run_again_byte_for_byte(of: RoundingRule, hours_: RawMinutes) -> None:
    """With newer rules around it, the version of the result gives the same bytes."""
    kept = canonical(of, hours_)
    newer = rule(version="newer", valid_from=date(2026, 12, 1), step_min=45)
    assert run_again(kept, (newer, of)) == kept
    assert json.loads(kept)["raw"]["ended_at"] == hours_.ended_at.isoformat()


def test_control_a_rule_changed_under_its_version_is_seen() -> None:
    kept = canonical(rule(step_min=15), raw(22))
    assert run_again(kept, (rule(step_min=15, direction=Direction.UP),)) != kept
    with pytest.raises(UnknownVersionError):
        run_again(kept, (rule(version="other"),))


# --------------------------------------------------------------------------- rows


def customer_rule(of: Any, version: str = "as-15", **fields: Any) -> RoundingVersion:
    values = {
        "purpose": "bill",
        "version": version,
        "valid_from": JANUARY,
        "customer": of,
        "step_min": 15,
        "direction": "up",
        "breaks": "usual",
    }
    return RoundingVersion.objects.create(**(values | fields))


def done(customer: Any, minutes: int) -> HourEntry:
    entry = world.done(world.order(customer=customer))
    new = hours.correct_hours(
        entry,
        started_at=entry.started_at,
        ended_at=entry.started_at + timedelta(minutes=minutes),
        break_min=0,
        by=None,
        now=BILLING,
        note="Muutos",
    )
    hours.approve_hours([new], by=None, now=BILLING, as_="finance")
    return new


@pytest.mark.django_db
def test_customer_rule_rounds_the_bill_of_this_customer_only() -> None:
    builders.organisation()
    ours, other = builders.customer(), builders.customer()
    customer_rule(ours)
    rounded, exact = done(ours, 247), done(other, 247)
    assert (charged_min(rounded), charged_min(exact)) == (255, 247)
    assert price_of(rounded).net == Decimal("136.00")
    drafts = services.make_drafts([ours.pk, other.pk], until=THURSDAY, by=None, now=BILLING)
    assert [d.lines.get().quantity for d in drafts] == [Decimal("4.2500"), Decimal("4.1167")]
    kept = {row.version: row.minutes for row in RoundedMinutes.objects.all()}
    assert kept == {"as-15": 255, "bill-2026-1": 247}
    rounded.refresh_from_db()
    assert rounded.work_min == 247
    assert broken_invariants() == []


@pytest.mark.django_db
def test_newer_version_leaves_what_was_billed() -> None:
    builders.organisation()
    ours = builders.customer()
    customer_rule(ours)
    entry = done(ours, 247)
    services.make_drafts([ours.pk], until=THURSDAY, by=None, now=BILLING)
    before = RoundedMinutes.objects.get().content
    customer_rule(ours, "as-30", step_min=30)
    assert charged_min(entry) == 270
    kept = RoundedMinutes.objects.get()
    assert run_again(kept.content, all_rules()) == before == kept.content
    assert list(rounding_versions.changed_results()) == []


@pytest.mark.django_db
def test_control_books_see_a_result_that_its_version_would_not_give(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    builders.organisation()
    ours = builders.customer()
    done(ours, 247)
    services.make_drafts([ours.pk], until=THURSDAY, by=None, now=BILLING)
    changed = tuple(
        RoundingRule(**{**vars(r), "step_min": 10}) for r in rounding_versions.shipped_rules()
    )
    monkeypatch.setattr(rounding_versions, "shipped_rules", lambda: changed)
    assert len(list(rounding_versions.changed_results())) == 1
    monkeypatch.setattr(rounding_versions, "shipped_rules", lambda: changed[:1])
    assert "gone" in next(rounding_versions.changed_results())


@pytest.mark.django_db
@pytest.mark.engine
def test_rules_and_results_are_append_only() -> None:
    row = customer_rule(builders.customer())
    for change in (row.delete, row.save):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"purpose": "pay"}, {"step_min": 0}])
@pytest.mark.engine
def test_rule_for_the_wrong_thing_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        customer_rule(builders.customer(), **fields)


@pytest.mark.django_db
def test_times_rule_of_a_later_day_counts_from_its_day() -> None:
    RoundingVersion.objects.create(
        purpose="times",
        version="2026-12",
        valid_from=date(2026, 12, 1),
        grace_min=10,
        breaks="deducted",
    )
    assert (times_rule(THURSDAY).version, times_rule(date(2026, 12, 1)).grace_min) == ("2026-1", 10)
    entry = world.done(world.order(on=THURSDAY, at=time(9)))
    assert entry.rounding_version == "2026-1"


@pytest.mark.django_db
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    minutes=st.integers(60, 480),
    step=st.sampled_from([1, 6, 15, 30, 60]),
    direction=st.sampled_from(["nearest", "up", "down"]),
    breaks=st.sampled_from(["usual", "paid"]),
)
def test_ordered_and_done_costs_what_was_quoted(
    minutes: int, step: int, direction: str, breaks: str
) -> None:
    """Whatever the customer's rounding rule, the invoice line is the quote."""
    with transaction.atomic():
        ours = builders.customer()
        version = f"p2-{RoundingVersion.objects.count()}"
        customer_rule(ours, version, step_min=step, direction=direction, breaks=breaks)
        entry = world.done(world.order(customer=ours, duration_min=minutes, at=time(8)))
        assert price_of(entry).net == entry.assignment.order.quote_net
        transaction.set_rollback(True)
