"""Find Chromium for the browser tests, and say plainly when they did not run.

`python -m tests.browser` prints the path or explains what to do and exits 1.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Playwright's own downloads, newest last.
OWN = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
FIXTURES = {"page", "context", "browser", "new_context"}


def find_chromium() -> str | None:
    """$CHROMIUM, then what is on PATH, then Playwright's own; None when there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    for name in NAMES:
        if path := shutil.which(name):
            return path
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright"
    own = [str(path) for pattern in OWN for path in sorted(Path(cache).glob(pattern))]
    return own[-1] if own else None


def launch_args(base: dict[str, Any]) -> dict[str, Any]:
    """Arguments for starting that browser; as root its sandbox cannot run."""
    args = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {**base, "executable_path": find_chromium(), "args": [*base.get("args", []), *args]}


def _needs_browser(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("browser") is not None
    return marked or bool(FIXTURES & set(getattr(item, "fixturenames", ())))


def require_if_asked() -> None:
    """With REQUIRE_BROWSER=1 (the build server) a missing browser ends the run at once."""
    if os.environ.get("REQUIRE_BROWSER") == "1" and not find_chromium():
        raise pytest.UsageError("no Chromium was found for the browser tests. Run: make browser")


class BrowserTests:
    """pytest plugin: marks browser tests, leaves them out aloud when Chromium is missing."""

    def __init__(self) -> None:
        self.not_run = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        wanted = [item for item in items if _needs_browser(item)]
        for item in wanted:
            item.add_marker("browser")
        if not wanted or find_chromium():
            return
        self.not_run = len(wanted)
        items[:] = [item for item in items if item not in wanted]
        config.hook.pytest_deselected(items=wanted)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["browser_not_run"] = self.not_run

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        output = getattr(node, "workeroutput", {})
        self.not_run = max(self.not_run, output.get("browser_not_run", 0))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.not_run:
            terminalreporter.write_line(
                f"NOT RUN: {self.not_run} browser tests, because no Chromium was found. "
                "Run: make browser",
                yellow=True,
            )


def main() -> int:
    found = find_chromium()
    print(found or "No Chromium was found: browser tests will not run.")  # noqa: T201
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
