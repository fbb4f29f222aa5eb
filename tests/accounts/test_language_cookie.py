"""The language cookie is written in one place, as safe for a phone's worker as for anybody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from accounts.middleware import keep_language
from accounts.models import Role
from core.timing import YEAR_S
from tests import builders

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "accounts", "workers", "orders", "dispatch", "billing", "reports", "config")
WRITES = {"set_cookie", "set_signed_cookie"}


def writers(source: str) -> Iterator[str]:
    """Functions in which a cookie is written, or the response's cookies are set by hand."""
    for at in ast.walk(ast.parse(source)):
        if not isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(at):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            by_hand = isinstance(node, ast.Assign) and any(
                isinstance(to, ast.Subscript)
                and isinstance(to.value, ast.Attribute)
                and to.value.attr == "cookies"
                for to in node.targets
            )
            if by_hand or (called and node.func.attr in WRITES):
                yield at.name


def test_only_keep_language_writes_a_cookie() -> None:
    found = {
        name
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        for name in writers(path.read_text())
    }
    # The size of a table's pages is the table's own, with the same guards.
    assert found == {"keep_language", "_keep_size"}


@pytest.mark.parametrize(
    "planted",
    [
        "def save(request):\n    response.set_cookie('django_language', 'fi')",
        "def save(request):\n    response.cookies['django_language'] = 'fi'",
    ],
)
def test_planted_cookie_is_found(planted: str) -> None:
    assert list(writers(planted)) == ["save"]


@override_settings(SESSION_COOKIE_SECURE=True)
def test_keep_language_hides_the_cookie_from_scripts_and_from_plain_http() -> None:
    response = HttpResponse()
    keep_language(response, "sv")
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("sv", YEAR_S, "Lax")
    assert cookie["httponly"]
    assert cookie["secure"]


@pytest.mark.django_db
@override_settings(SESSION_COOKIE_SECURE=True)
def test_profile_of_a_worker_writes_it_as_everybody_elses_is() -> None:
    user = builders.user(Role.WORKER)
    builders.worker(user=user, phone="+358401234567")
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    form = {"language": "sv", "phone": "040 123 4567"}
    response = client.post(reverse("dispatch:my-profile"), form)
    assert response.status_code == 302
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("sv", YEAR_S, "Lax")
    assert cookie["httponly"]
    assert cookie["secure"]
