"""A shop that takes orders, and somebody who reads English."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests import builders

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def shop(time_machine: Any, settings: Any) -> None:
    """Monday at nine, a price and a task; no brake from an earlier test."""
    time_machine.move_to(NOW, tick=False)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    builders.organisation()
    builders.tariff("32.00")
    builders.task_type("cleaning")


@pytest.fixture
def web() -> Client:
    """A browser that speaks English."""
    client = Client()
    client.cookies["django_language"] = "en"
    return client
