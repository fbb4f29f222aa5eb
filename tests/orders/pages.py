"""What tests of the pages of orders do: sign somebody in, read the words, count queries."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def sign_in(web: Client, user: Any) -> Client:
    web.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return web


def words(answer: Any) -> str:
    text = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " ").split())


def queries(web: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert web.get(url).status_code == 200
    return len(seen)


def hidden(page: str) -> dict[str, str]:
    names = ("form_key", "shown_net")
    return {n: re.search(f'name="{n}" value="([^"]*)"', page)[1] for n in names}  # type: ignore[index]
