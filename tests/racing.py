"""Processes that race over the database of the tests, each with a connection of its own.

A child says that it is set up and begins when it is told to, so that all begin together however
long each one's start took; a race of processes that follow one another proves nothing.

A child comes from a server process that has loaded the program once and never opened a
connection: to load it anew costs more than most races.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from unittest.mock import patch

from django.db import connection

from tests.frozen import NOW


def database_url() -> str:
    """The database of the tests, as DATABASE_URL writes it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    return head.rpartition("/")[0] + f"/{found['NAME']}" + (f"?{query}" if query else "")


@contextmanager
def server(url: str) -> Iterator[ForkServerContext]:
    """What starts children; the first one starts the server, which reads its environment once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.dispatch.racer_setup"])
    with patch.dict(os.environ, {"DATABASE_URL": url, "MACHINE_CLOCK": NOW.isoformat()}):
        yield context


class Child:
    """`python -m module` with its input and output here."""

    def __init__(self, module: str, arguments: tuple[str, ...]) -> None:
        with server(database_url()) as context:
            read, self._out = context.Pipe(duplex=False)
            self._in, write = context.Pipe(duplex=False)
            self._process = context.Process(
                target=_live, args=(module, arguments, read, write), daemon=True
            )
            self._process.start()
        # Only the child holds these ends now: when it dies, reading here ends.
        read.close()
        write.close()
        self.stdin = os.fdopen(os.dup(self._out.fileno()), "w")
        self.stdout = os.fdopen(os.dup(self._in.fileno()))
        self._out.close()
        self._in.close()

    def communicate(self) -> str:
        """Wait until it has ended; what it wrote and nobody has read yet."""
        self.stdin.close()
        said = self.stdout.read()
        self.stdout.close()
        self._process.join()
        return said

    @property
    def returncode(self) -> int | None:
        """As subprocess tells it: minus the signal that killed it."""
        return self._process.exitcode


def _live(module: str, arguments: tuple[str, ...], read: Connection, write: Connection) -> None:
    """The life of a child."""
    sys.argv = [module, *arguments]
    with os.fdopen(os.dup(read.fileno())) as stdin, os.fdopen(os.dup(write.fileno()), "w") as out:
        read.close()
        write.close()
        sys.stdin, sys.stdout = stdin, out
        try:
            import_module(module).main()
        finally:
            connection.close()
            sys.stdin, sys.stdout = sys.__stdin__, sys.__stdout__


def start(module: str, *arguments: object) -> Child:
    """A child that runs `main()` of `module` with these arguments."""
    return Child(module, tuple(map(str, arguments)))


def meet(children: list[Child], lines: Iterable[str] = ()) -> None:
    """Wait until every child waits (see `wait_for_all`), then let all go on, each with its line."""
    for child in children:
        assert child.stdout.readline() == "here\n"
    for child, line in zip(children, lines or [""] * len(children), strict=True):
        child.stdin.write(f"{line}\n")
        child.stdin.flush()


def ended(children: list[Child]) -> list[str]:
    """What each child said last; all ended well."""
    said = [child.communicate() for child in children]
    assert [child.returncode for child in children] == [0] * len(children)
    return said


def wait_for_all() -> str:
    """In a child: wait until all the others are here too; the line that was meant for this one."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    return sys.stdin.readline().strip()
