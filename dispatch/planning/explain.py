"""The smallest set of rules that stands in the way of something, and the shortest ways round it.

Knows no rule: whoever asks says what happens when some of theirs do not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import combinations
from typing import TypeVar

R = TypeVar("R", bound=StrEnum)
W = TypeVar("W")


def explain(
    rules: Sequence[R], offered: Sequence[R], fits: Callable[[frozenset[R]], W | None], most: int
) -> tuple[tuple[R, ...], tuple[W, ...]]:
    """A smallest set of rules that stands in the way, and at most `most` ways out.

    `fits` says how it goes when these rules do not hold, or None; lifting more never makes it
    worse. `rules` come in the order in which they are best named. A way out lifts as few of the
    `offered` rules as any does. Both are empty when nothing fits even without any rule.
    """
    because = _because(rules, fits)
    for count in (1, 2, 3):
        ways: list[W] = []
        for some in combinations(offered, count):
            found = fits(frozenset(some)) if len(ways) < most else None
            if found is not None:
                ways.append(found)
        if ways:
            return because, tuple(ways)
    return because, ()


def _because(rules: Sequence[R], fits: Callable[[frozenset[R]], W | None]) -> tuple[R, ...]:
    everything = frozenset(rules)
    if fits(everything) is None:
        return ()
    # One rule that is enough alone says more than several easier ones together.
    for rule in reversed(rules):
        if fits(everything - {rule}) is None:
            return (rule,)
    # Deletion filter: a rule without which it still does not fit is no part of the reason.
    lifted: set[R] = set()
    for rule in reversed(rules):
        if fits(frozenset(lifted | {rule})) is None:
            lifted.add(rule)
    return tuple(rule for rule in rules if rule not in lifted)
