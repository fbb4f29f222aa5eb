"""The planner's compiled loops, loaded before they are needed, so that no user waits.

Loading takes some seconds and 60 MB, compiling for the first time about twenty seconds. A thread
beside the process does it; one process compiles at a time and the others then load its result from
numba's disk cache. A worker of the queue begins when it starts. A web process begins when somebody
opens a page that leads to a plan (`expect_plan`): most web processes never plan. No command
asks for this.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dispatch.planning.jit import SOLVER

log = logging.getLogger(__name__)

_web = threading.Event()
_asked = threading.Event()


def serve_web() -> None:
    """This process answers requests (`gunicorn.conf.py`)."""
    _web.set()


def expect_plan() -> None:
    """Somebody may soon ask this web process for a plan: load the planner, once.

    Elsewhere (tests, the development server) nothing is loaded until it is needed.
    """
    if _web.is_set() and not _asked.is_set():
        _asked.set()
        start()


def start() -> threading.Thread | None:
    """Warm the planner beside this process; None without its packages."""
    if not SOLVER:
        return None
    thread = threading.Thread(target=_warm, name="planner-warm", daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    from dispatch.planning.warm import warm  # noqa: PLC0415 - what takes so long

    with alone():
        warm()
    log.info("The planner is ready in process %s.", os.getpid())


@contextmanager
def alone() -> Iterator[None]:
    """One process of this user at a time; where files cannot be locked, all at once."""
    lock = _lock_file()
    try:
        yield
    finally:
        if lock is not None:
            lock.close()


def _lock_file() -> IO[str] | None:
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or tempfile.gettempdir())
    try:
        import fcntl  # noqa: PLC0415 - POSIX only

        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"askare-planner-{os.getuid()}.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    except (ImportError, OSError):
        return None
    return lock


def of_queue_worker(**_signal: object) -> None:
    """Receiver of django-q2's `post_spawn`: a worker of the queue has begun.

    Where the queue works in the caller's own process (tests), nothing is to be warmed.
    """
    if multiprocessing.parent_process() is not None:
        start()
