"""Masks of the ranking, read back as codes."""

from __future__ import annotations

from dispatch.rules.codes import HARD, NOTES, SOFT

# Every code of a mask, in the order of its bits.
CODES = HARD + SOFT + NOTES


def codes_in(mask: int, *, among: int | None = None) -> list[str]:
    """The codes of a mask, hard ones first; `among` keeps only those bits."""
    kept = mask if among is None else mask & among
    return [code for n, code in enumerate(CODES) if kept >> n & 1]
