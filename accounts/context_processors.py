"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest

from accounts.models import Organisation


def frame(request: HttpRequest) -> dict[str, Any]:
    """Organisation for help lines, and the navigation of the signed-in person's role."""
    return {"organisation": Organisation.objects.first(), "nav_items": []}
