"""The longest payment term that the law allows a public body (30/2013). Pure."""

from __future__ import annotations

from core.violations import Severity, Violation


def term_violations(days: int, *, public: bool, most: int) -> list[Violation]:
    """A payment term of a public body over the `most` days that the law allows it."""
    if not public or days <= most:
        return []
    return [Violation("customer_public_term", Severity.HARD, "", {"days": days, "to": most})]
