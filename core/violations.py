"""What the pure rules answer with: codes and numbers, never sentences.

A rule returns `list[Violation]`; the edge turns codes into text. A service that may not
go on raises `RuleBroken` with all of them, so that a person sees every reason at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How strongly a broken rule stands in the way."""

    HARD = "hard"
    """Blocks. Nobody overrides it on the board."""
    SOFT = "soft"
    """May be overridden by a dispatcher whose reason is logged (usually the worker's consent)."""


@dataclass(frozen=True, init=False)
class Violation:
    """One broken rule.

    `code` names the rule, `subject` what it is about (a reference of the caller's own, an ISO
    date, a kind; may be empty), `numbers` what a text needs (minutes, limits, source of the
    law). Hashable: the numbers are kept as sorted pairs and `numbers` gives them as a dict.
    """

    code: str
    severity: Severity
    subject: str
    pairs: tuple[tuple[str, int | str], ...]

    def __init__(
        self,
        code: str,
        severity: Severity,
        subject: str = "",
        numbers: Mapping[str, int | str] | None = None,
    ) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "severity", Severity(severity))
        object.__setattr__(self, "subject", subject)
        object.__setattr__(self, "pairs", tuple(sorted((numbers or {}).items())))

    @property
    def numbers(self) -> dict[str, int | str]:
        """A fresh dict of the numbers; changing it changes nothing here."""
        return dict(self.pairs)

    @property
    def is_hard(self) -> bool:
        """True when nobody may override it on the board."""
        return self.severity is Severity.HARD


class RuleBroken(Exception):  # noqa: N818 - it reads as the sentence it is: "raise RuleBroken"
    """A service refused to act; `violations` says why (at least one)."""

    def __init__(self, violations: Violation | Iterable[Violation]) -> None:
        if isinstance(violations, Violation):
            violations = (violations,)
        self.violations: list[Violation] = list(violations)
        super().__init__(", ".join(violation.code for violation in self.violations))

    @classmethod
    def of(cls, code: str, subject: str = "", **numbers: int | str) -> RuleBroken:
        """A hard refusal with one code, to raise."""
        return cls(Violation(code, Severity.HARD, subject, numbers))


def hard(violations: Iterable[Violation]) -> list[Violation]:
    """Those that block, in the order given."""
    return [violation for violation in violations if violation.is_hard]


def soft(violations: Iterable[Violation]) -> list[Violation]:
    """Those a logged reason may override, in the order given."""
    return [violation for violation in violations if not violation.is_hard]


def in_order(violations: Iterable[Violation]) -> list[Violation]:
    """Without repeats, hard ones first, then by code and subject: the same input, the same list."""
    return sorted(set(violations), key=lambda v: (not v.is_hard, v.code, v.subject, str(v.pairs)))
