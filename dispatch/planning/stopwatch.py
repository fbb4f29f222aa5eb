"""When to stop: after seconds, after rounds, or when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Stopwatch:
    """Stops after so many seconds of `clock` or so many neighbourhoods, or when asked."""

    seconds: float
    rounds: int | None = None
    clock: Callable[[], float] = time.process_time
    should_stop: Callable[[], bool] = bool
    started: float = field(init=False)
    walled: float = field(init=False)
    done: int = 0

    def __post_init__(self) -> None:
        self.started, self.walled = self.clock(), time.monotonic()

    def wall(self, seconds: float) -> float:
        """As many seconds of the wall clock as `seconds` of ours took so far.

        The solver counts wall seconds only; on a busy machine a CPU second takes more of them.
        """
        used = self.used()
        stretch = (time.monotonic() - self.walled) / used if used > 0.05 else 1.0
        return seconds * min(4.0, max(1.0, stretch))

    def used(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.started

    def left(self) -> float:
        """Seconds that remain, never below zero."""
        return max(0.0, self.seconds - self.used())

    def wall_left(self) -> float:
        """What remains, in seconds of the wall clock."""
        return self.wall(self.left())

    def over(self) -> bool:
        """True when it is time to stop."""
        return self.used() >= self.seconds or self.should_stop()


@dataclass
class Share:
    """A part of a stopwatch."""

    whole: Stopwatch
    until: float

    def wall_left(self) -> float:
        """What remains of the part, in seconds of the wall clock."""
        left = min(self.until - self.whole.used(), self.whole.left())
        return self.whole.wall(max(0.0, left))

    def over(self) -> bool:
        """True when the part is used up."""
        return self.whole.used() >= self.until or self.whole.over()


# A week is gone through so often: the second time each day knows all the others.
PASSES = 2


def turns(weights: Sequence[float], passes: int | None = None) -> Iterator[tuple[int, float]]:
    """Whose turn it is, and which part of the time that is left is theirs, by weight.

    Each of several days has `PASSES` turns (or `passes`); a single one has one.
    """
    if passes is None:
        passes = PASSES if len(weights) > 1 else 1
    order = list(range(len(weights))) * passes
    for turn, n in enumerate(order):
        rest = sum(weights[m] for m in order[turn:])
        yield n, weights[n] / rest if rest else 0.0
