"""When to stop: after seconds, after rounds, or when somebody asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Stopwatch:
    """Stops after so many seconds of ``clock`` or so many neighbourhoods, or when asked."""

    seconds: float
    rounds: int | None = None
    clock: Callable[[], float] = time.process_time
    asked: Callable[[], bool] = bool
    started: float = field(init=False)
    done: int = 0

    def __post_init__(self) -> None:
        self.started = self.clock()

    def used(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.started

    def left(self) -> float:
        """Seconds that remain, never below zero."""
        return max(0.0, self.seconds - self.used())

    def over(self) -> bool:
        """True when it is time to stop."""
        return self.used() >= self.seconds or self.asked()


@dataclass
class Share:
    """A part of a stopwatch."""

    whole: Stopwatch
    until: float

    def over(self) -> bool:
        """True when the part is used up."""
        return self.whole.used() >= self.until or self.whole.over()
