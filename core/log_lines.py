"""Lines of the log: an address that opens something is a key and is not written."""

from __future__ import annotations

import logging
import re

# What follows these paths opens an order, signs somebody in or sets a password.
_KEYS = re.compile(r"(/(?:o|sign-in-link|account/password/reset/key)/)[^/\s'\"<>]+")


def without_keys(text: str) -> str:
    """The text with the secret part of addresses taken out."""
    return _KEYS.sub(r"\1…", text)


class Formatter(logging.Formatter):
    """Django's and our lines, exceptions included, without keys."""

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))
