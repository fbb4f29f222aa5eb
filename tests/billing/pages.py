"""Who opens the pages of billing in tests, and what such a person reads."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from orders.models import WorkOrder
from orders.ordering.links import order_token
from tests import builders

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def as_(role: Role, **fields: Any) -> Client:
    return signed_in(builders.user(role, **fields))


def signed_in(user: User) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user, backend=BACKEND)
    return client


def anybody() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def link(name: str, order: WorkOrder) -> str:
    return reverse(f"billing:{name}-link", args=[order_token(order)])


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode().replace("\u00a0", " ")
