"""What follows a sign-in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User


@receiver(user_logged_in, dispatch_uid="accounts.language_at_sign_in")
def language_at_sign_in(*, request: HttpRequest | None, user: User, **_: Any) -> None:
    """A browser where no language was chosen speaks the person's own from here on.

    LanguageMiddleware writes the cookie when the answer leaves. A language chosen on this browser
    wins: the person has just read the sign-in page in it.
    """
    if request is not None and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        request.language_to_keep = user.language  # type: ignore[attr-defined]
