"""Who does it in the tests of assignments."""

from __future__ import annotations

import pytest

from accounts.models import Role
from tests import builders


@pytest.fixture
def office():
    builders.organisation()
    return builders.user(Role.DISPATCHER, name="Liisa Laine")
