"""Deny by default: which role may call which view."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from accounts.models import Role, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

OFFICE = (Role.DISPATCHER, Role.ADMIN)
MONEY = (Role.FINANCE, Role.ADMIN)


def roles(*allowed: Role) -> Callable[[View[P]], View[P]]:
    """Let only these roles in; everybody else who is signed in gets 403."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if signed_in(request).role not in allowed:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        inner.allowed_roles = frozenset(allowed)  # type: ignore[attr-defined]
        return inner

    return decorate


def any_role(view: View[P]) -> View[P]:
    """Everybody who is signed in."""
    return roles(*Role)(view)


def public(view: View[P]) -> View[P]:
    """Nobody needs to sign in."""
    view.allowed_roles = "public"  # type: ignore[attr-defined]
    return login_not_required(view)


def signed_in(request: HttpRequest) -> User:
    """The signed-in user; SignInRequiredMiddleware has turned everybody else away."""
    user: Any = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user
