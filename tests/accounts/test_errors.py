"""The page of a failed request: broken (500), or only busy (503)."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client, override_settings

from accounts import errors
from core import health


def locked(code: int = sqlite3.SQLITE_BUSY) -> OperationalError:
    """What Django raises when SQLite does not get its lock."""
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = code
    error = OperationalError("database is locked")
    error.__cause__ = cause
    return error


def refused(state: str) -> OperationalError:
    """What Django raises when PostgreSQL refuses."""
    error = OperationalError("refused")
    error.__cause__ = type("Refused", (Exception,), {"sqlstate": state})()
    return error


class Wrapped(Exception):
    """A page's own."""


def wrapped() -> Wrapped:
    error = Wrapped()
    error.__cause__ = locked()
    return error


@pytest.mark.parametrize(
    ("error", "busy"),
    [
        (locked(), True),
        (locked(sqlite3.SQLITE_BUSY_SNAPSHOT), True),
        (locked(sqlite3.SQLITE_LOCKED), True),
        (locked(sqlite3.SQLITE_FULL), False),
        (refused("55P03"), True),
        (refused("40P01"), True),
        (refused("57P01"), False),
        (wrapped(), True),
        (OperationalError("no such table"), False),
        (ValueError("database is locked"), False),
        (None, False),
    ],
)
@pytest.mark.engine
def test_busy_is_told_from_broken(error: BaseException | None, busy: bool) -> None:
    assert errors.is_busy(error) is busy


WORDS = {
    "fi": ("Palvelussa on juuri nyt ruuhkaa", "Mitään tallennettua ei ole kadonnut."),
    "fi-easy": ("Palvelussa on nyt ruuhkaa", "Mitään ei ole kadonnut."),
    "sv": ("Tjänsten är upptagen just nu", "Inget som har sparats är borta."),
    "en": ("The service is busy right now", "Nothing that was saved is lost."),
}


def ask(monkeypatch: pytest.MonkeyPatch, error: Exception, language: str) -> SimpleNamespace:
    """A page that fails with `error`, as the browser gets it."""

    def fail(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(health, "findings", fail)
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = language
    return client.get("/healthz")


@pytest.mark.django_db
@pytest.mark.parametrize("language", WORDS)
@pytest.mark.engine
def test_page_that_does_not_get_the_lock_says_so_in_the_persons_language(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    page = ask(monkeypatch, locked(), language)
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "10"
    assert page.headers["Cache-Control"] == "no-store"
    assert f'<html lang="{language[:2]}">' in page.content.decode()
    for words in WORDS[language]:
        assert words in page.content.decode()


@pytest.mark.django_db
@pytest.mark.engine
def test_page_that_breaks_is_still_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    page = ask(monkeypatch, OperationalError("no such table"), "en")
    assert page.status_code == 500
    assert "Something broke on our side" in page.content.decode()
    assert "Retry-After" not in page.headers


@pytest.mark.django_db
@override_settings(SESSION_SAVE_EVERY_REQUEST=True)
@pytest.mark.engine
def test_session_that_cannot_be_saved_says_so_in_the_persons_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The session is saved outside of the middleware that knows the language."""

    def fail(*_args: object, **_more: object) -> None:
        raise locked()

    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = "sv"
    client.session["seen"] = True
    session = client.session
    session["seen"] = True
    session.save()
    monkeypatch.setattr(SessionStore, "save", fail)
    page = client.get("/account/login/")
    assert page.status_code == 503
    assert WORDS["sv"][0] in page.content.decode()
