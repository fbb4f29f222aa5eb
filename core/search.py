"""Words of a search as people type it."""

from __future__ import annotations

MOST_CHARS, MOST_WORDS = 100, 8


def search_words(text: str) -> list[str]:
    """The first different words; more would cost the database more than they find."""
    return list(dict.fromkeys(text[:MOST_CHARS].split()))[:MOST_WORDS]
