"""What the apps to the left know about the subjects of the trail: their numbers and their pages.

The trail names a row by its ref. Whoever owns such rows registers in `ready()` how people call
them, so that the trail can be searched by a number and leads to the page of what it tells about.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

# A file tells of many events; some builds of SQLite take 32,766 values in one statement.
MOST_ASKED = 10_000


@dataclass(frozen=True)
class Subject:
    """A row as people know it: `number` without its noun, and the address of its page."""

    number: str
    url: str


class Owner(Protocol):
    """Somebody who knows rows of one kind."""

    def refs_of(self, text: str) -> set[str]:
        """Refs of the rows that have this number; none when the text is no number of theirs."""

    def subjects_of(self, refs: Collection[str]) -> dict[str, Subject]:
        """Those of the refs that are theirs, in one query."""


_owners: list[Owner] = []


def register(owner: Owner) -> None:
    """Add somebody who knows subjects of the trail."""
    if owner not in _owners:
        _owners.append(owner)


def refs_of(text: str) -> set[str]:
    """Refs of everything that has this number."""
    return set().union(*(owner.refs_of(text) for owner in _owners))


def subjects_of(refs: Collection[str]) -> dict[str, Subject]:
    """Subjects by ref; what nobody knows is left out."""
    found: dict[str, Subject] = {}
    wanted = sorted(refs)
    for at in range(0, len(wanted), MOST_ASKED):
        for owner in _owners:
            found |= owner.subjects_of(wanted[at : at + MOST_ASKED])
    return found
