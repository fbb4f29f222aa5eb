"""What a person sees when a page fails: broken, or only busy."""

from __future__ import annotations

import sqlite3
import sys

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from django.utils import translation

RETRY_AFTER_S = 10
PRIMARY_CODE = 0xFF  # SQLite puts the finer cause into the higher bits
# PostgreSQL: lock not available, deadlock, could not serialise. Nothing is wrong with what was
# asked: the same request may well pass a moment later.
BUSY_STATES = frozenset({"55P03", "40P01", "40001"})


def is_busy(error: BaseException | None) -> bool:
    """Whether the database was only held by somebody else for too long."""
    while error is not None:
        if isinstance(error, OperationalError):
            cause = error.__cause__
            if isinstance(cause, sqlite3.OperationalError):
                code = getattr(cause, "sqlite_errorcode", 0) & PRIMARY_CODE
                return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
            return getattr(cause, "sqlstate", None) in BUSY_STATES
        error = error.__cause__  # a page may have wrapped it
    return False


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while the exception that nobody caught is at hand.

    The pages need no database: it may be what failed.
    """
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    # The language of the request is over when its session is saved, which may fail too.
    with translation.override(language):
        if not is_busy(sys.exc_info()[1]):
            return HttpResponseServerError(loader.render_to_string("500.html"))
        page = HttpResponse(loader.render_to_string("503.html"), status=503)
    page.headers["Retry-After"] = str(RETRY_AFTER_S)
    page.headers["Cache-Control"] = "no-store"
    return page
