"""Compiled loops when numba is installed, the same loops in plain Python when it is not."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

Loop = TypeVar("Loop", bound=Callable[..., object])

COMPILED = find_spec("numba") is not None
# Whether the search can do more than the greedy plan: the loops are too slow uncompiled.
SOLVER = COMPILED and find_spec("highspy") is not None


def loop(function: Loop) -> Loop:
    """Compile a loop over arrays once and keep it on disk."""
    if not COMPILED:
        return function
    from numba import njit  # noqa: PLC0415 - an optional package

    compiled: Any = njit(cache=True, nogil=True)(function)
    return cast(Loop, compiled)
