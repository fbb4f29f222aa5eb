"""Which tests stay together when several workers share them (`--dist loadgroup`).

Each test goes to the next worker that is free, so no worker is left with one long file. Together
stay only those that gain by it, told by their file; the largest groups start first:

- all files of races: two races at once would starve each other, since each fills all cores;
- a file with a fixture that is made once for it (`made_once`, `scope="module"`);
- a file that drives the browser, and what `FIRST` names, because it is long.

xdist's own groups do not reach its scheduler with pytest 9.2, so this scheduler reads the files.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
TOGETHER = ("made_once(", 'scope="module"', "pytest.mark.browser")
# Long without a reason of the kinds above.
FIRST = {"test_access.py"}


def group_in(file: str, source: str) -> str | None:
    """The name of those that a file's tests stay with; None when each may go anywhere."""
    if "pytest.mark.racing" in source:
        return "races"
    if Path(file).name in FIRST or any(sign in source for sign in TOGETHER):
        return file
    return None


@cache
def group_of_file(file: str) -> str | None:
    return group_in(file, (ROOT / file).read_text())


class Together(LoadScopeScheduling):
    """One group after the other; a test without one is a group of its own."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of_file(nodeid.partition("::")[0]) or nodeid


class Spread:
    """pytest plugin: the scheduler of `--dist loadgroup`."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        return Together(config, log) if config.getoption("dist") == "loadgroup" else None
