"""What every page's frame needs: who we are, and where this role may go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Organisation, User
from core import menu


def frame(request: HttpRequest) -> dict[str, Any]:
    """Organisation for help lines, and the navigation of the signed-in person's role."""
    user = getattr(request, "user", None)
    role = user.role if isinstance(user, User) else ""
    return {
        # Lazy: fragments that htmx fetches show no footer and need no query.
        "organisation": SimpleLazyObject(Organisation.objects.first),
        "nav_items": menu.entries(role, request.path) if role else [],
    }
