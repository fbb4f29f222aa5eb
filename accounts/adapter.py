"""Hooks of the packages for sign-in: nobody signs up by themselves, wrong tries count by person."""

from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


def tried_login(request: HttpRequest, credentials: Mapping[str, object] | None = None) -> str:
    """Whose account somebody tries to open: axes counts wrong tries by it and by the address.

    allauth names it "email", which axes does not look for: it would count addresses alone.
    """
    named = (credentials or {}).get("email") or request.POST.get("login", "")
    return str(named).strip().lower()[:255]


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Accounts are made by the office; customers order without one."""
        return False
