"""A plan in parts: each a task of the queue, so that several machines share one plan.

The days of a week, the groups of a day that share nobody, and the areas of a large group are
written down as rows. Whoever has time claims one: a queue task on any machine, or the job that
makes the plan, which never waits for a part that nobody has begun. A part takes its share of the
time that is left, by its weight and by how many work at once. A part gone silent is given out
again once; one that is late is left out, and the rules fill its places. Nothing that a part finds
is offered before `dispatch.plans.result.gather` has judged it beside everything else.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum
from django_q.tasks import async_task

from dispatch.models import Plan, PlanPart
from dispatch.models.plan_lifecycle import PlanState
from dispatch.planning.problem import ProblemError
from dispatch.plans import pieces
from dispatch.plans.pieces import Piece
from dispatch.plans.result import PieceFound
from dispatch.plans.solve import Progress

Clock = Callable[[], datetime]
_P = PlanPart.State
# A smaller plan is ready before another machine would have heard the bell.
PLACES_APART = 40
BEAT = 1.0
LEASE = timedelta(seconds=15)
TRIES = 2
# After their time parts may still write down what they have.
GRACE_S = 8.0
PAUSE = 0.2
TASK_TIMEOUT_S = 120


@dataclass(frozen=True)
class PartCounts:
    """How many parts of a plan are solved, being solved, and there."""

    done: int
    running: int
    total: int


# --------------------------------------------------------------------------- writing them down


def write(plan: Plan, cut: Sequence[Piece], *, until: datetime, now: datetime) -> list[PlanPart]:
    """One row for each piece, the heaviest first."""
    PlanPart.objects.filter(plan=plan).delete()
    return PlanPart.objects.bulk_create(
        PlanPart(
            plan=plan,
            on=piece.on,
            workers=list(piece.workers),
            orders=list(piece.orders),
            exact=piece.exact,
            weight=max(1, piece.places),
            until_at=until,
            beat_at=now,
        )
        for piece in sorted(cut, key=lambda piece: -piece.places)
    )


def ring(parts: Sequence[PlanPart]) -> None:
    """Call the queue: one task for each part."""
    for part in parts:
        options = {"task_name": f"part-{part.pk}", "save": False, "timeout": TASK_TIMEOUT_S}
        async_task("dispatch.tasks.make_part", part.pk, q_options=options)


def count_parts(plan: Plan) -> PartCounts:
    """How far the parts are; all nought for a plan made in one piece."""
    states = list(plan.parts.values_list("state", flat=True))
    over = sum(state in (_P.DONE, _P.FAILED) for state in states)
    return PartCounts(over, states.count(_P.RUNNING), len(states))


# --------------------------------------------------------------------------- solving one


class _Beat:
    """Signs of life of a part: one write a second at most, which also hears the wish to stop."""

    def __init__(self, part: PlanPart, clock: Clock, also: Callable[[], bool]) -> None:
        self.part, self.clock, self.also = part, clock, also
        self.last = time.monotonic()
        self.over = False
        self.known: dict[str, Any] = {}

    def on_progress(self, news: Progress) -> None:
        bound = None if news.bound is None or news.bound < 0 else int(news.bound)
        self.known = {"best": news.objective, "bound": bound}
        self.should_stop()

    def should_stop(self) -> bool:
        """Whether to stop: the plan is to stop or no longer made, or the part no longer ours."""
        over = self.also()
        if self.over or over or time.monotonic() - self.last < BEAT:
            return self.over or over
        self.last = time.monotonic()
        mine = PlanPart.objects.filter(pk=self.part.pk, token=self.part.token, state=_P.RUNNING)
        held = mine.update(beat_at=self.clock(), **self.known)
        wanted = Plan.objects.filter(
            pk=self.part.plan_id, state=PlanState.RUNNING, stop_asked=False
        )
        self.over = not held or not wanted.exists()
        return self.over


def _never() -> bool:
    return False


def make_part(part_id: int, *, clock: Clock, also: Callable[[], bool] = _never) -> bool:
    """Solve a part that waits; False when it was not ours to solve. Safe to call twice.

    `also` is asked too whether to stop.
    """
    part = _claim(part_id, clock())
    if part is None:
        return False
    beat = _Beat(part, clock, also)
    ours = PlanPart.objects.filter(pk=part.pk, token=part.token, state=_P.RUNNING)
    ended = False
    try:
        found = pieces.plan_piece(
            Piece(part.on, tuple(part.workers), tuple(part.orders), 0, part.exact),
            seconds=_seconds(part, clock()),
            now=clock(),
            should_stop=beat.should_stop,
            on_progress=beat.on_progress,
        )
        ended = bool(
            ours.update(
                state=_P.DONE,
                beat_at=clock(),
                best=found.objective,
                bound=found.bound,
                found=_written(found),
            )
        )
    except ProblemError:
        pass  # the job that makes the plan meets the same problem and says what is wrong
    finally:
        if not ended:
            ours.update(state=_P.FAILED)
    return ended


def _claim(part_id: int, now: datetime) -> PlanPart | None:
    token = str(uuid.uuid4())
    waiting = PlanPart.objects.filter(
        pk=part_id, state=_P.WAITING, plan__state=PlanState.RUNNING, plan__stop_asked=False
    )
    part = waiting.first()
    if part is None:
        return None
    part.state, part.token, part.beat_at = _P.RUNNING, token, now
    part.tries += 1
    # Not read again: by then it may be gone, or somebody else's.
    claimed = PlanPart.objects.filter(pk=part_id, state=_P.WAITING).update(
        state=part.state, token=token, beat_at=now, tries=part.tries
    )
    return part if claimed else None


def _seconds(part: PlanPart, now: datetime) -> float:
    """The part's share of the time left, by weight, times how many work at once."""
    left = (part.until_at - now).total_seconds()
    others = PlanPart.objects.filter(plan=part.plan_id).exclude(pk=part.pk)
    waiting = others.filter(state=_P.WAITING).aggregate(n=Sum("weight"))["n"] or 0
    hands = 1 + others.filter(state=_P.RUNNING, beat_at__gte=now - LEASE).count()
    return max(0.0, left * min(1.0, hands * part.weight / (waiting + part.weight)))


def _written(found: PieceFound) -> dict[str, Any]:
    return {
        "pairs": [list(pair) for pair in found.pairs],
        "objective": found.objective,
        "bound": found.bound,
        "travel_min": found.travel_min,
        "engine": found.engine,
        "stopped_by": found.stopped_by,
    }


def _read(row: dict[str, Any]) -> PieceFound:
    pairs = tuple((int(order), int(worker)) for order, worker in row["pairs"])
    return PieceFound(**{**row, "pairs": pairs})


# --------------------------------------------------------------------------- the job's side


def work_through(
    plan: Plan, *, seconds: float, clock: Clock, should_stop: Callable[[], bool]
) -> None:
    """Solve what waits, then wait for what others are at, until all is over or it is too late."""
    rows, until = PlanPart.objects.filter(plan=plan), time.monotonic() + seconds + GRACE_S
    while not should_stop() and time.monotonic() < until:
        _take_back_lost(plan, clock())
        # From the light end: the queue was called for the heavy ones first.
        waiting = rows.filter(state=_P.WAITING).order_by("-pk").first()
        if waiting is not None:
            make_part(waiting.pk, clock=clock, also=should_stop)
        elif rows.filter(state=_P.RUNNING).exists():
            time.sleep(PAUSE)
        else:
            return
    # Those at work hear of the wish to stop within a second: what they have is worth a moment.
    until = time.monotonic() + GRACE_S
    running = rows.filter(state=_P.RUNNING)
    while time.monotonic() < until and running.filter(beat_at__gte=clock() - LEASE).exists():
        time.sleep(PAUSE)


def _take_back_lost(plan: Plan, now: datetime) -> None:
    """Parts of a worker that went silent wait again, or have failed when that was not the first."""
    silent = PlanPart.objects.filter(plan=plan, state=_P.RUNNING, beat_at__lt=now - LEASE)
    silent.filter(tries__gte=TRIES).update(state=_P.FAILED, token="")
    silent.update(state=_P.WAITING, token="")


def found_on(plan: Plan, on: date) -> tuple[list[PieceFound], bool]:
    """What the parts of a date gave, and whether they are all of it and exact."""
    parts = list(plan.parts.filter(on=on))
    done = [_read(part.found) for part in parts if part.state == _P.DONE]
    return done, len(done) == len(parts) and all(part.exact for part in parts)


def totals(plan: Plan) -> dict[str, int | None]:
    """Best cost and proven bound of all parts together, None while one of them has said nothing.

    Bounds add up only where the parts share nobody: neither areas of one day nor days of a week
    say how good the whole could be.
    """
    rows = list(plan.parts.values_list("best", "bound", "exact"))
    best = [b for b, _bound, _exact in rows if b is not None]
    bound = [b for _best, b, exact in rows if b is not None and exact]
    apart = plan.first_on == plan.last_on and len(bound) == len(rows)
    return {
        "best": sum(best) if len(best) == len(rows) else None,
        "bound": sum(bound) if apart else None,
    }
