"""Messages about an account, and who is told in the name of the office or of an account."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.urls import reverse

from accounts.models import Organisation, User
from core import messages
from core.languages import Language
from core.messages import Recipient
from core.models import OutboxMessage

SIGN_IN_LINK = "sign_in_link"


def office(organisation: Organisation | None) -> Recipient:
    """The office; nobody as long as the organisation's details are not entered."""
    return Recipient(organisation.email if organisation else "", Language.FI)


def account_opened(user: User, *, now: datetime) -> None:
    """To somebody with a new account and no password: how to sign in."""
    _tell_of_account(user, user.email, "account_opened", now)


def address_changed(user: User, before: str, *, now: datetime) -> None:
    """To the address of before and that of now: another address signs in from here on."""
    for address in (before, user.email):
        _tell_of_account(user, address, "address_changed", now)


def _tell_of_account(user: User, email: str, kind: str, now: datetime) -> None:
    context = {
        "name": user.get_short_name(),
        "email": user.email,
        "url": settings.SITE_URL + reverse("sign_in_link"),
    }
    which = "new" if email == user.email else "old"
    key = f"{kind}:{user.ref}:{now.isoformat()}:{which}"
    messages.send(Recipient(email, user.language), kind, context, key=key, now=now)


def sign_in_link(
    user: User, path: str, minutes: int, *, language: str, now: datetime
) -> OutboxMessage | None:
    """To somebody who asked for it: the link that signs them in, each time a new message."""
    context = {"name": user.get_short_name(), "url": settings.SITE_URL + path, "minutes": minutes}
    to = Recipient(user.email, language)
    return messages.send(to, SIGN_IN_LINK, context, key=f"{SIGN_IN_LINK}:{uuid4()}", now=now)
