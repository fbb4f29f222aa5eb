"""Processes that race for workers, each with its own connection to the database of the tests.

A child inherits no connection: it comes from a server process that never opened one
(tests.racing). No model may be imported here before the settings are chosen.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from types import SimpleNamespace

from tests.racing import server

PROCESSES = 8
PATIENCE_S = 300
# Everybody waits for everybody each so many rounds; in between they run as they can.
STRIDE = 5
# In a planted fault: how long after the check the write comes, as on a busy machine.
SLOW_S = 0.03
Job = tuple[int, list[int]]  # order, workers


class Racers:
    """Children that start together at every round."""

    def __init__(self, url: str) -> None:
        self._pipes: list[Connection] = []
        self._children = []
        with server(url) as context:
            # Kept here: its semaphores go when it does, and children open them late.
            self._barrier = context.Barrier(PROCESSES)
            for _ in range(PROCESSES):
                here, there = context.Pipe()
                child = context.Process(target=race, args=(there, self._barrier), daemon=True)
                child.start()
                self._pipes.append(here)
                self._children.append(child)

    def run(self, rounds: list[list[Job]], mode: str = "service") -> list[Counter[str]]:
        """Each round has one job for every process; answers how the jobs of each round ended."""
        for number, pipe in enumerate(self._pipes):
            pipe.send((mode, [jobs[number] for jobs in rounds]))
        answers = []
        for pipe in self._pipes:
            assert pipe.poll(PATIENCE_S), "a racer does not answer"
            answers.append(pipe.recv())
        return [Counter(answer[n] for answer in answers) for n in range(len(rounds))]

    def stop(self) -> None:
        for pipe in self._pipes:
            pipe.send(None)
        for child in self._children:
            child.join(10)


def race(pipe: Connection, barrier: Barrier) -> None:
    """The life of a child: take jobs, race them, answer how each ended."""
    import tests.dispatch.racer_setup  # noqa: F401, I001 - loaded by the server already
    from django.db import connection

    while (order := pipe.recv()) is not None:
        mode, jobs = order
        with bypassed(mode):
            answers = []
            for n, job in enumerate(jobs):
                if n % STRIDE == 0:
                    barrier.wait(PATIENCE_S)
                answers.append(_attempt(job, mode))
            pipe.send(answers)
    connection.close()


def _attempt(job: Job, mode: str) -> str:
    from django.db import Error

    from core.violations import RuleBroken

    try:
        _change(job) if mode == "mixed" else _assign(job)
    except RuleBroken as refusal:
        return refusal.violations[0].code
    except Error as error:
        return "deadlock" if "deadlock" in str(error) else f"{type(error).__name__}: {error}"
    return "won"


def _assign(job: Job, *, offer: bool = True) -> None:
    from dispatch.assignments import services
    from orders.models import WorkOrder
    from tests.conftest import NOW

    order = WorkOrder.objects.select_related("site", "task_type", "customer").get(pk=job[0])
    services.assign(order, job[1], by=None, now=NOW, offer=offer)


def _change(job: Job) -> None:
    """One of the changes that a day brings, drawn by the job itself."""
    from dispatch.assignments import services
    from dispatch.assignments.absences import record_absence
    from dispatch.eligibility import judge
    from orders.models import WorkOrder
    from orders.ordering.services import cancel_order
    from tests.conftest import NOW
    from workers.models import Worker

    order = WorkOrder.objects.get(pk=job[0])
    present = judge.holders().filter(order=order, status="accepted").first()
    draw = random.Random(str(job)).randrange(10)  # noqa: S311 - the same changes each time
    if draw == 0:
        cancel_order(order, by=None, now=NOW)
    elif draw == 1:
        worker = Worker.objects.get(pk=job[1][0])
        record_absence(worker, order.starts_at, order.ends_at, by=None, now=NOW)
    elif draw in (2, 3, 4) and present is not None:
        services.reassign(present, job[1][0], by=None, now=NOW, offer=False)
    else:
        _assign(job, offer=False)


@contextmanager
def bypassed(mode: str) -> Iterator[None]:
    """Services as they are ("service"), or with a fault planted for a negative control.

    "naive" checks and writes without lock and transaction; "unsorted" locks workers in the order
    given.
    """
    from django.db.models import F

    from dispatch.assignments import door, services
    from dispatch.eligibility import judge as rules
    from workers.models import Worker

    kept = (services.transaction, door.lock_workers, door.lock_order)
    check = rules.check
    if mode == "naive":
        services.transaction = SimpleNamespace(atomic=nullcontext)  # type: ignore[assignment]
        door.lock_workers = lambda ids: None  # type: ignore[assignment]
        door.lock_order = lambda order: order  # type: ignore[assignment]
        rules.check = lambda *args: (check(*args), time.sleep(SLOW_S))[0]  # type: ignore[assignment]
    if mode == "unsorted":

        def lock(ids: list[int]) -> None:
            for worker_id in ids:
                Worker.objects.filter(pk=worker_id).update(lock_no=F("lock_no") + 1)

        door.lock_workers = lock  # type: ignore[assignment]
    try:
        yield
    finally:
        services.transaction, door.lock_workers, door.lock_order = kept
        rules.check = check
