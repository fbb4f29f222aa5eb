"""The tabs of invoicing with their counts and sums."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.access import signed_in
from billing import access
from billing.invoices import selectors
from core import clock
from core.zone import local_date


def tabs_context(request: HttpRequest, here: str) -> dict[str, Any]:
    """The tabs of invoicing with their counts and sums."""
    today = local_date(clock.now())
    rows = access.invoices_for(signed_in(request))
    waiting = selectors.approved(today).values()
    return {"tabs": selectors.tabs(rows, waiting, today), "here": here}
