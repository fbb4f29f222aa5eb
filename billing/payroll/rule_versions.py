"""Which pay rule, rounding and engagement a worker has on a day; each table is read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from billing.hours import rounding_versions
from billing.models.payroll import PayRuleVersion
from billing.rules.pay import RuleSet, load_rule_set
from billing.rules.rounding import Purpose, RoundingRule, choose
from workers.models import Engagement

RULES_FILE = Path(__file__).parents[1] / "data" / "pay_rules.csv"
SHIPPED_VERSION, SHIPPED_FROM = "law-2020", date(2020, 1, 1)


@lru_cache(maxsize=1)
def shipped_rule_set() -> RuleSet:
    """What the law itself asks for (872/2019): overtime by rate, Sundays and holidays."""
    return load_rule_set(RULES_FILE.read_text(encoding="utf-8"), SHIPPED_VERSION, SHIPPED_FROM)


def rule_sets() -> dict[int | None, list[RuleSet]]:
    """Every version by agreement, the latest first; None is everybody's. One query."""
    found: dict[int | None, list[RuleSet]] = {None: [shipped_rule_set()]}
    for row in PayRuleVersion.objects.order_by("valid_from", "pk"):
        found.setdefault(row.agreement_id, []).insert(
            0, load_rule_set(row.rules, row.version, row.valid_from)
        )
    return found


def rule_set_on(
    sets: Mapping[int | None, list[RuleSet]], agreement: int | None, on: date
) -> RuleSet:
    """The agreement's version in force, else everybody's; the oldest one before them all."""
    own = next((s for s in sets.get(agreement, []) if s.valid_from <= on), None)
    return own or next((s for s in sets[None] if s.valid_from <= on), sets[None][-1])


@dataclass
class PayRules:
    """Every rule that a run over hours asks about, each table read once."""

    workers: set[int]
    sets: dict[int | None, list[RuleSet]] = field(default_factory=rule_sets)
    rounding: tuple[RoundingRule, ...] = field(default_factory=rounding_versions.all_rules)

    @cached_property
    def agreements(self) -> dict[int, list[tuple[date, int]]]:
        return rounding_versions.agreements_on(self.workers)

    @cached_property
    def deals(self) -> dict[int, list[Engagement]]:
        found: dict[int, list[Engagement]] = defaultdict(list)
        for row in Engagement.objects.filter(worker__in=self.workers).order_by("-starts_on", "-pk"):
            found[row.worker_id].append(row)
        return found

    def agreement(self, worker_id: int, on: date) -> int | None:
        return rounding_versions.agreement_of(self.agreements.get(worker_id, []), on)

    def rounding_rule(self, worker_id: int, on: date) -> RoundingRule:
        return choose(self.rounding, Purpose.PAY, self.agreement(worker_id, on), on)

    def deal(self, worker_id: int, on: date) -> Engagement | None:
        return next(
            (
                row
                for row in self.deals.get(worker_id, [])
                if row.starts_on <= on and (row.ends_on is None or row.ends_on >= on)
            ),
            None,
        )
