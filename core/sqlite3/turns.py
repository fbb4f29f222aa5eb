"""A queue before SQLite's write lock: whoever asks first writes first.

SQLite keeps no queue. A connection that finds the lock taken sleeps, in the end 100 ms at a time,
and looks again; a lock that is free for a moment only between two writers goes to whoever looks in
that moment, so a busy machine lets somebody starve (docs/adr/0003-databases-and-locking.md).

The queue is a small file beside the database. A writer draws a number and locks the byte of that
number; its turn has come when no byte of a lower number is locked. The kernel frees the bytes of a
process that dies. The queue is manners, not law: SQLite's own lock still decides, so a fault here
can cost time and order but never data, and a program that does not know the queue stays safe.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import struct
import time
import weakref
from _thread import LockType, allocate_lock, start_new_thread
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

SUFFIX = "-turns"
# Locks that belong to the open file, not to the process: threads stay apart, and a lock lives as
# long as this connection's file. Linux has them; elsewhere SQLite's busy timeout stands alone.
AVAILABLE = hasattr(fcntl, "F_OFD_SETLK")

GATE = 1 << 62  # the byte that is locked while a number is drawn
LAST = 1 << 60  # after this number comes 1 again; a longer one is a spoilt file
NUMBERS = struct.Struct("=QQ")  # the number drawn last, the number that came in last
LOCK = struct.Struct("hhqqi0q")  # struct flock

GATE_S = 0.0002  # how often somebody who finds the gate shut looks again
STUCK_S = 1.0  # nobody came in for so long: perhaps somebody ahead is stopped


class TurnTimeoutError(Exception):
    """The turn did not come in time."""


class Turns:
    """One connection's place in the queue of one database file. Not for two threads at once."""

    def __init__(self, path: Path, patience_s: float) -> None:
        """Open the queue of `path` or make it, with the owner and the mode of the database.

        Raises:
            OSError: where the queue cannot be used.
        """
        self.held = False
        self._file = -1
        self._watching: set[int] = set()  # files that threads wait with
        self._patience_s = patience_s
        queue = f"{path}{SUFFIX}"
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._file = os.open(queue, flags | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            self._file = os.open(queue, flags)
        else:  # like SQLite's own files: whoever may write the database may queue
            made = path.stat()
            os.fchmod(self._file, stat.S_IMODE(made.st_mode))
            if os.geteuid() == 0:
                os.fchown(self._file, made.st_uid, made.st_gid)
        _open.add(self)

    def close(self) -> None:
        """Give the turn back and leave the queue for good."""
        if self._file >= 0:
            with suppress(OSError):
                self.give()  # a thread that still waits keeps the file open, not the number
            os.close(self._file)
            self._file = -1

    def forget(self) -> None:
        """Close the files and give nothing back: they are copies in a forked child."""
        self.held = False
        for file in (self._file, *self._watching):
            with suppress(OSError):
                os.close(file)
        self._file = -1

    def __del__(self) -> None:
        self.close()

    def give(self) -> None:
        """The turn is over."""
        self.held = False
        if self._file >= 0:
            _ask(self._file, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, 0, 0)

    def take(self, is_free: Callable[[], bool]) -> None:
        """Wait for the turn.

        `is_free` is asked when nobody has come in for STUCK_S: a stopped process may have a number
        and not use it. It says whether SQLite's own lock is free; then the turn is ours, and who is
        stopped loses his place.

        Raises:
            TurnTimeoutError: then nothing is held, and OSError where the queue is of no use.
        """
        if self._file < 0:
            raise OSError(errno.EBADF, "the queue was closed")
        began = time.monotonic()
        try:
            number, inside = self._draw(began + self._patience_s)
            self._wait(number, inside, began, is_free)
        except BaseException:
            self.give()
            raise
        self.held = True

    def _wait(self, number: int, inside: int, began: float, is_free: Callable[[], bool]) -> None:
        if self._is_locked(inside, number):
            came = self._watch(inside, number)
            # The time limit is for who waits, so the kernel's wait goes into a thread: fcntl has no
            # limit of its own. Looking again and again instead costs a busy machine the processor
            # that the holder needs: 600 turns took 20 s instead of 5.
            deadline = began + self._patience_s
            while not came.acquire(timeout=min(STUCK_S, max(deadline - time.monotonic(), 0))):
                before, inside = inside, self._read()[1]
                if not self._is_locked(inside, number):
                    break
                if time.monotonic() > deadline:
                    raise TurnTimeoutError
                if inside == before and is_free():
                    break
        inside = self._read()[1]
        if number > inside:
            os.pwrite(self._file, NUMBERS.pack(0, number)[8:], 8)

    def _watch(self, low: int, high: int) -> LockType:
        """A lock that a thread sets free when nobody holds a byte of `low` ≤ byte < `high`."""
        came = allocate_lock()
        came.acquire()
        file = os.dup(self._file)  # may outlive our own: nobody can call the thread back
        self._watching.add(file)

        def watch() -> None:
            try:
                with suppress(OSError):  # then the waiter looks for himself
                    _ask(file, fcntl.F_OFD_SETLKW, fcntl.F_RDLCK, low, high - low)
                    _ask(file, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, low, high - low)
                    came.release()
            finally:
                self._watching.discard(file)
                os.close(file)

        try:
            start_new_thread(watch, ())
        except RuntimeError as error:  # no more threads
            self._watching.discard(file)
            os.close(file)
            raise OSError(errno.EAGAIN, "no thread to wait in") from error
        return came

    def _draw(self, deadline: float) -> tuple[int, int]:
        """A number of our own, its byte locked; and the number that came in last."""
        while not self._lock(GATE):
            if time.monotonic() > deadline:
                raise TurnTimeoutError
            time.sleep(GATE_S)
        try:
            number, inside = self._read()
            if not inside <= number < LAST:
                number = inside = 0
                os.pwrite(self._file, NUMBERS.pack(0, 0), 0)
            number += 1
            while not self._lock(number):  # the file was emptied while somebody waited
                number += 1
            os.pwrite(self._file, NUMBERS.pack(number, 0)[:8], 0)
        finally:
            _ask(self._file, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, GATE, 1)
        return number, inside

    def _read(self) -> tuple[int, int]:
        found = os.pread(self._file, NUMBERS.size, 0)
        return NUMBERS.unpack(found) if len(found) == NUMBERS.size else (0, 0)

    def _lock(self, byte: int) -> bool:
        try:
            _ask(self._file, fcntl.F_OFD_SETLK, fcntl.F_WRLCK, byte, 1)
        except (BlockingIOError, PermissionError):  # POSIX allows both for "taken"
            return False
        return True

    def _is_locked(self, low: int, high: int) -> bool:
        """Whether somebody else holds a byte of `low` ≤ byte < `high`."""
        if low >= high:
            return False
        return _ask(self._file, fcntl.F_OFD_GETLK, fcntl.F_RDLCK, low, high - low) != fcntl.F_UNLCK


def _ask(file: int, command: int, kind: int, start: int, length: int) -> int:
    """Lock, free or look at bytes; the kind of lock that the kernel answers."""
    asked = LOCK.pack(kind, os.SEEK_SET, start, length, 0)
    answer: int = LOCK.unpack(fcntl.fcntl(file, command, asked))[0]
    return answer


_open: weakref.WeakSet[Turns] = weakref.WeakSet()


def _after_fork() -> None:
    # The child shares the open file: kept open there, it would keep the parent's turn after the
    # parent's end. Closing the copy takes nothing from the parent.
    for turns in list(_open):
        turns.forget()


if AVAILABLE:
    os.register_at_fork(after_in_child=_after_fork)


def open_queue(path: str, patience_s: float) -> Turns | None:
    """The queue of the database file `path`; None where there is none (memory, no such locks)."""
    if not path or not AVAILABLE:
        return None
    try:
        return Turns(Path(path), patience_s)
    except OSError as error:
        logger.warning("No queue before the lock of %s, writers may starve: %s", path, error)
        return None


def remove_queue(path: str) -> None:
    """Delete the queue of a database that is deleted too."""
    with suppress(OSError):
        Path(f"{path}{SUFFIX}").unlink()
