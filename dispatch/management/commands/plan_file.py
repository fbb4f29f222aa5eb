"""Plan a problem file: `manage.py plan_file PROBLEM.json --seconds 10 --out PLAN.json`."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatch.planning.check import judge
from dispatch.planning.files import write_plan
from dispatch.planning.jit import SOLVER
from dispatch.planning.problem import ProblemError, read_problem
from dispatch.planning.search import search
from dispatch.planning.stopwatch import Stopwatch
from dispatch.planning.warm import warm

REFUSED = 2


class Command(BaseCommand):
    help = "Plans a day given as a file and proves how good the plan is. Needs no database."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("problem", type=Path, help="askare-planning-problem/1, JSON")
        parser.add_argument("--out", type=Path, required=True, help="where the plan goes")
        parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds to use")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--rounds", type=int, help="most neighbourhoods, for repeatable plans")
        parser.add_argument(
            "--wall", action="store_true", help="count seconds of the clock instead of CPU seconds"
        )

    def handle(self, **options: Any) -> None:
        data = self.read(options["problem"])
        try:
            problem = read_problem(data)
            if SOLVER:
                warm()
            else:
                self.stderr.write("highspy or numba is missing: the plan is a simple one.")
            clock = time.monotonic if options["wall"] else time.process_time
            watch = Stopwatch(options["seconds"], rounds=options["rounds"], clock=clock)
            plan = write_plan(search(problem, watch, options["seed"]))
        except ProblemError as error:
            raise CommandError(f"{options['problem']}: {error}", returncode=REFUSED) from error
        verdict = judge(data, plan)
        if verdict.faults:
            raise CommandError(f"the plan is not sound and was not written: {verdict.faults[:3]}")
        try:
            options["out"].write_text(json.dumps(plan, indent=1), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror}") from error
        ratio = plan["objective"] / plan["bound"] if plan["bound"] else None
        self.stdout.write(
            json.dumps(
                {
                    "objective": plan["objective"],
                    "bound": plan["bound"],
                    "ratio": round(ratio, 4) if ratio else None,
                    "filled": verdict.filled,
                    "places": verdict.places,
                    "seconds": plan["seconds"],
                    "stopped_by": plan["stopped_by"],
                }
            )
        )

    def read(self, path: Path) -> Any:
        """The file's JSON. Refuses what cannot be read."""
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=REFUSED) from error
        except ValueError as error:
            raise CommandError(f"{path}: not JSON: {error}", returncode=REFUSED) from error
