"""One person in a browser window of their own, and what a budget counts of what they do."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response

from accounts.models import User

HELSINKI = ZoneInfo("Europe/Helsinki")
PASSWORD = "salasana-testi"  # noqa: S105


def next_monday() -> date:
    """A Monday after today: browser cookies expire by the real clock."""
    today = datetime.now(tz=HELSINKI).date()
    return today + timedelta(days=7 - today.weekday())


def at(on: date, clock: time) -> datetime:
    return datetime.combine(on, clock, HELSINKI).astimezone(UTC)


class Person:
    """One person in a browser window of their own, in English."""

    def __init__(self, browser: Browser, base: str, *, width: int = 1280, **options: Any) -> None:
        self.base = base
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 800}, **options
        )
        self.context.add_cookies([{"name": "django_language", "value": "en", "url": base}])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(8_000)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console",
            lambda m: self.problems.append(m.text) if m.type == "error" else None,
        )

    def go(self, path: str) -> None:
        answer = self._visit(path) or self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, path

    def _visit(self, path: str) -> Response | None:
        """None when the page that is left reloaded itself meanwhile and so ended this visit.

        A plan that ends does so, once.
        """
        try:
            return self.page.goto(self.base + path)
        except Error as error:
            if "ERR_ABORTED" not in error.message:
                raise
            return None

    def sign_in(self, email: str) -> None:
        self.go("/account/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.locator("main button[type=submit]").first.click()
        self.page.wait_for_load_state()

    def enter(self, user: User) -> None:
        """Be signed in already: for journeys that are about something else."""
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookie = client.cookies["sessionid"].value
        self.context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.base}])

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=re.compile(name)).first.click()
        self.page.wait_for_load_state()

    def close(self) -> None:
        assert self.problems == []
        self.context.close()
