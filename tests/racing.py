"""Processes that race over the database of the tests, each with a connection of its own.

A child says that it is set up and begins when it is told to, so that all begin together however
long each one's start took; a race of processes that follow one another proves nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).parents[1]
Child = subprocess.Popen[str]


def database_url() -> str:
    """The database of the tests, as DATABASE_URL writes it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    return head.rpartition("/")[0] + f"/{found['NAME']}" + (f"?{query}" if query else "")


def start(module: str, *arguments: object) -> Child:
    """`python -m module` with its input and output here."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
    )


def meet(children: list[Child], lines: Iterable[str] = ()) -> None:
    """Wait until every child waits (see `wait_for_all`), then let all go on, each with its line."""
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "here\n"
    for child, line in zip(children, lines or [""] * len(children), strict=True):
        assert child.stdin
        child.stdin.write(f"{line}\n")
        child.stdin.flush()


def ended(children: list[Child]) -> list[str]:
    """What each child said last; all ended well."""
    said = [child.communicate()[0] for child in children]
    assert [child.returncode for child in children] == [0] * len(children)
    return said


def wait_for_all() -> str:
    """In a child: wait until all the others are here too; the line that was meant for this one."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    return sys.stdin.readline().strip()
