"""How much of a race is run: a short round in every run, all of it with `make test-long`.

A race proves its rule the more often it is run, and a short round already shows a guard that is
gone. So every run has a short round of each race as a case of its own, with its negative control;
`LONG=1` (`make test-long`) makes the same cases long.
"""

from __future__ import annotations

import os

LONG = os.environ.get("LONG", "") not in {"", "0"}


def how_many(short: int, full: int) -> int:
    """As many rounds as this run has time for; a test that asks is marked `long`."""
    return full if LONG else short
