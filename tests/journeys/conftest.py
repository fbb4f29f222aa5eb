"""The world of the journeys: one worker, one task, one price and somebody in each role."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Role
from tests import builders


@pytest.fixture
def world(live_server: Any) -> dict[str, Any]:
    builders.organisation()
    builders.tariff()
    people = {r: builders.user(r, email=f"{r.value}@askare.example") for r in Role}
    worker = builders.worker(
        first_name="Aino",
        user=people[Role.WORKER],
        coach=people[Role.COACH],
        email="worker@askare.example",
        coached_gigs=0,
    )
    builders.task_type(icon="brush-cleaning")
    return {"people": people, "worker": worker, "base": live_server.url}
