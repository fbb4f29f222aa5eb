"""Who somebody is when they sign in: their e-mail and role change by the office, never unseen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, outbox

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
            _mail(user, user.email, "account_opened", _opened_subject, now=now)
        return
    if before["email"] != after["email"]:
        # Addresses that allauth remembers would open the account as well.
        EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
        for to in (str(before["email"]), user.email):
            _mail(user, to, "address_changed", _changed_subject, now=now)


def _opened_subject() -> str:
    return _("You can sign in to Askare now")


def _changed_subject() -> str:
    return _("Your sign-in e-mail in Askare has changed")


def _mail(user: User, to: str, kind: str, subject: Any, *, now: datetime) -> None:
    context = {
        "name": user.get_short_name(),
        "email": user.email,
        "url": settings.SITE_URL + reverse("sign_in_link"),
    }
    with translation.override(user.language):
        outbox.enqueue(
            f"{kind}:{user.ref}:{now.isoformat()}:{'new' if to == user.email else 'old'}",
            kind=kind,
            to=to,
            language=user.language,
            subject=subject(),
            body=render_to_string(f"messages/{kind}.txt", context),
            now=now,
        )
