"""`manage.py bench planner`: our planner and other engines on the same problems, judged alike.

Each run has a process of its own, so that peaks of memory and CPU seconds are its own. Ours is
limited in CPU seconds, like OR-Tools and PyVRP; VROOM knows wall seconds only.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.core.management.base import OutputWrapper

from dispatch.bench import peers as bench_peers
from dispatch.planning.check import judge
from dispatch.planning.files import write_plan
from dispatch.planning.generate import KINDS, generate
from dispatch.planning.greedy import Routes, cost, greedy
from dispatch.planning.problem import Problem, read_problem
from dispatch.planning.search import Result, search
from dispatch.planning.stopwatch import Stopwatch
from dispatch.planning.warm import warm
from dispatch.planning.week import WeekFacts, plan_week

OURS = ("greedy", "columns")
ENGINES = (*OURS, *bench_peers.PEERS)
WEEK_DAYS = 5
Data = Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """One engine on one problem. `gap`: how far above the proven bound, as a share of it."""

    problem: str
    engine: str
    version: str
    limit_s: float
    objective: int | None = None
    bound: int | None = None
    bound_starts_fixed: int | None = None
    filled: int = 0
    places: int = 0
    faults: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: int = 0
    stopped_by: str = ""
    failed: str = ""

    @property
    def gap(self) -> float | None:
        """None when nothing is proven."""
        if self.objective is None or self.bound is None:
            return None
        return self.objective / max(1, self.bound) - 1


def alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """The answer of `work` in a fresh process; its memory is nobody else's."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(work, *arguments).result()


def peak_mb() -> int:
    """Most memory that this process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1024 * 1024 if sys.platform == "darwin" else 1024)


def run(data: Data, engine: str, seconds: float, seed: int) -> Run:
    """One engine on one problem, judged."""
    if engine in OURS:
        found: Run = alone(ours, data, engine, seconds, seed)
        return found
    problem = read_problem(data)
    try:
        split = bench_peers.as_visits(problem)
        answer = bench_peers.solve_with(engine, split, seconds, seed)
    except (bench_peers.PeerFailed, ValueError) as error:
        return Run(problem.name, engine, "", seconds, failed=str(error))
    plan = bench_peers.mended(problem, split, answer.pop("routes"))
    return judged(data, plain_plan(problem, plan), engine, seconds, answer)


def ours(data: Data, engine: str, seconds: float, seed: int) -> Run:
    """Our planner in this process: the whole search or its first step."""
    warm()
    problem = read_problem(data)
    wall, cpu = time.monotonic(), time.process_time()
    if engine == "greedy":
        plan = plain_plan(problem, greedy(problem))
    else:
        plan = write_plan(search(problem, Stopwatch(seconds), seed))
    spent = {
        "wall_s": round(time.monotonic() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_mb": peak_mb(),
        "version": versions()["highspy"],
    }
    return judged(data, plan, engine, seconds, spent)


def plain_plan(problem: Problem, routes: Routes) -> dict[str, Any]:
    """Routes without a proof, in the file form."""
    value = cost(problem, routes)
    return write_plan(Result(problem, routes, value, None, None, 0.0, "", 0))


def judged(data: Data, plan: Data, engine: str, seconds: float, spent: Data) -> Run:
    """What the judge says of the plan."""
    verdict = judge(data, plan)
    return Run(
        str(data.get("name", "")), engine, limit_s=seconds, objective=round(verdict.objective),
        bound=plan["bound"], bound_starts_fixed=plan["bound_starts_fixed"], filled=verdict.filled,
        places=verdict.places, faults=len(verdict.faults), stopped_by=plan["stopped_by"], **spent,
    )  # fmt: skip


# ---------------------------------------------------------------- a week
def week(workers: int, orders: int, seconds: float, seed: int) -> dict[str, Any]:
    """A generated week planned in this process: WEEK_DAYS days with `orders` together.

    The same people every day, each with a weekly limit and a wish of 15 to 37 hours.
    """
    warm()
    days, facts = week_problem(workers, orders, seed)
    wall, cpu = time.monotonic(), time.process_time()
    found = plan_week(days, facts, Stopwatch(seconds), seed)
    filled, places = found.filled
    return {
        "problem": f"week {workers}x{orders}",
        "limit_s": seconds,
        "filled": filled,
        "places": places,
        "objective": sum(day.result.objective for day in found.days),
        "under_h": round(found.under_min / 60, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "wall_s": round(time.monotonic() - wall, 1),
        "peak_mb": peak_mb(),
    }


def week_problem(
    workers: int, orders: int, seed: int
) -> tuple[list[dict[str, Any]], dict[str, WeekFacts]]:
    """Generated days that share their workers, and what couples each worker's days."""
    first = date(2026, 11, 23)
    days = [generate(workers, orders // WEEK_DAYS, seed=seed + n) for n in range(WEEK_DAYS)]
    for n, day in enumerate(days):
        day["workers"] = days[0]["workers"]
        day["date"] = (first + timedelta(days=n)).isoformat()
    facts = {
        worker["id"]: WeekFacts(limit_min=60 * (15 + n % 23), wished_min=60 * (15 + n % 23))
        for n, worker in enumerate(days[0]["workers"])
    }
    return days, facts


# ---------------------------------------------------------------- command line
def add_arguments(parser: ArgumentParser) -> None:
    """Options of `bench planner`."""
    parser.add_argument("files", nargs="*", type=Path, help="problem files; else --sizes")
    parser.add_argument("--sizes", nargs="*", default=["50x100"], help="workers x orders a day")
    parser.add_argument("--kinds", nargs="*", default=["mixed"], choices=KINDS)
    parser.add_argument("--week", help="workers x orders of a week, instead of days")
    parser.add_argument("--engines", nargs="*", default=[*OURS], choices=ENGINES)
    parser.add_argument("--seconds", nargs="*", type=float, default=[10.0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")


def problems(options: Mapping[str, Any]) -> Iterator[Data]:
    """The problems asked for."""
    for path in options["files"]:
        yield {"name": path.stem} | json.loads(path.read_text(encoding="utf-8"))
    if options["files"]:
        return
    for size in options["sizes"]:
        for kind in options["kinds"]:
            yield generate(*_size(size), kind, options["seed"])


def _size(text: str) -> tuple[int, int]:
    workers, _, orders = text.partition("x")
    return int(workers), int(orders)


def main(options: Mapping[str, Any], out: OutputWrapper) -> None:
    """Run what was asked and print it, each line as soon as it is known."""
    if options["week"]:
        size = _size(options["week"])
        for seconds in options["seconds"]:
            out.write(json.dumps(alone(week, *size, seconds, options["seed"])) + "\n")
        return
    if not options["json"]:
        out.write(", ".join(f"{name} {number}" for name, number in versions().items()) + "\n")
        out.write(HEAD + "\n")
    for data in problems(options):
        for seconds in options["seconds"]:
            for found in _runs(data, options["engines"], seconds, options["seed"]):
                out.write((json.dumps(asdict(found)) if options["json"] else line(found)) + "\n")
                out.flush()


def _runs(data: Data, engines: Sequence[str], seconds: float, seed: int) -> Iterator[Run]:
    for engine in engines:
        yield run(data, engine, seconds, seed)


HEAD = (
    f"{'problem':26}{'engine':10}{'limit':>7}{'objective':>11}{'filled':>12}{'bound':>9}"
    f"{'gap':>8}{'CPU s':>8}{'wall s':>8}{'MB':>7}"
)


def line(found: Run) -> str:
    """One run as a row for the terminal."""
    start = f"{found.problem:26}{found.engine:10}{found.limit_s:7g}"
    if found.objective is None:
        return f"{start}  {found.failed}"
    gap = "" if found.gap is None else f"{found.gap:.2%}"
    return (
        f"{start}{found.objective:11,}{found.filled:6}/{found.places:<5}{found.bound or '-':>9}"
        f"{gap:>8}{found.cpu_s:8.1f}{found.wall_s:8.1f}{found.peak_mb:7}"
        f"{f'  {found.faults} FAULTS' if found.faults else ''}"
    )


def versions() -> dict[str, str]:
    """Versions of what our planner stands on."""
    found = {}
    for name in ("highspy", "numba", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "-"
    return found
