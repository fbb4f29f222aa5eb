"""A link in a mail that signs its reader in: 15 minutes, once.

The token names the person, the moment of their last sign-in and their password hash, signed and
dated. Using it changes the last sign-in, so it works once; a new password or address ends it too.
Nothing is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from core import outbox
from core.models import OutboxMessage

SALT = "accounts.sign_in_link"
VALID = timedelta(minutes=15)
# More than this many links to one person within VALID are not sent: somebody else is playing.
LINKS_AT_MOST = 3
KIND = "sign_in_link"


@dataclass(frozen=True)
class Ticket:
    """A link that was read and is still good."""

    user: User
    next_path: str


def _state(user: User) -> str:
    last = user.last_login.isoformat() if user.last_login else ""
    return salted_hmac(
        SALT, f"{user.pk}|{last}|{user.password}|{user.email}", algorithm="sha256"
    ).hexdigest()


def make_token(user: User, next_path: str = "") -> str:
    """A signed token for this person; `next_path` must be checked by the caller."""
    return signing.dumps([str(user.ref), _state(user), next_path], salt=SALT)


def read_token(token: str) -> Ticket | None:
    """The person a token signs in, or None: too old, used, forged, or no longer active."""
    try:
        ref, state, next_path = signing.loads(token, salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError):
        return None
    user = User.objects.filter(ref=ref, is_active=True).first()
    if user is None or not constant_time_compare(state, _state(user)):
        return None
    return Ticket(user, next_path)


def send_link(email: str, *, next_path: str, language: str, now: datetime) -> OutboxMessage | None:
    """Mail a link if this address may sign in; the caller answers the same in any case."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        return None
    recent = OutboxMessage.objects.filter(kind=KIND, to=user.email, created_at__gt=now - VALID)
    if recent.count() >= LINKS_AT_MOST:
        return None
    path = reverse("sign_in_link_use", args=[make_token(user, next_path)])
    with translation.override(language):
        subject = _("Your sign-in link to Askare")
        body = render_to_string(
            "messages/sign_in_link.txt",
            {
                "name": user.get_short_name(),
                "url": settings.SITE_URL + path,
                "minutes": int(VALID.total_seconds() // 60),
            },
        )
    return outbox.enqueue(
        f"{KIND}:{uuid4()}",
        kind=KIND,
        to=user.email,
        language=language,
        subject=subject,
        body=body,
        now=now,
    )
