"""Who somebody is when they sign in: their e-mail and role change by the office, never unseen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress

from accounts import messages
from accounts.models import User
from core import audit

AUDITED = ("email", "role", "is_active", "is_staff", "is_superuser")


def sign_in_facts(user: User) -> dict[str, Any]:
    """What decides who signs in and what they may do."""
    return {name: getattr(user, name) for name in AUDITED}


def record_change(user: User, before: Mapping[str, Any] | None, *, by: User, now: datetime) -> None:
    """After a write: record it, and mail the old and the new address when the address changed.

    `before` is `sign_in_facts` of earlier, None for a new account. Call it inside the transaction.
    """
    after = sign_in_facts(user)
    if before == after:
        return
    audit.record(
        "user.changed" if before else "user.created",
        kind="user",
        ref=user.ref,
        by=by,
        now=now,
        before=before,
        after=after,
    )
    if before is None:
        if not user.has_usable_password():
            messages.account_opened(user, now=now)
        return
    if before["email"] != after["email"]:
        # Addresses that allauth remembers would open the account as well.
        EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
        messages.address_changed(user, str(before["email"]), now=now)
