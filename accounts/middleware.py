"""Language of the person, and sign-in required unless a view says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import MiddlewareNotUsed
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation

from core.timing import YEAR_S

SIGN_IN_NAMES = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "account_inactive",
        "set_language",
    }
)
NUL = "\x00"
# Whoever has such an address needs nothing else.
SECRET_PATHS = ("/o/", "/sign-in-link/", "/account/password/reset/key/")


def keep_language(response: HttpResponse, code: str) -> None:
    """Write the language cookie; scripts have no use for it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class ProxyAddressMiddleware:
    """Whose request it is when a proxy of ours hands it on, for everything that counts addresses.

    The proxy writes the header itself (deploy/nginx-askare-proxy.conf): its last entry is the
    address that it saw. Without this all people would share the proxy's own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.BEHIND_PROXY:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        with suppress(ValueError):  # not through the proxy: the connection's own address stands
            request.META["REMOTE_ADDR"] = str(ip_address(seen))
        return self.get_response(request)


class PrivateMiddleware:
    """Pages of somebody who is signed in, and of secret links, are kept by no browser or proxy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        secret = request.path_info.startswith(SECRET_PATHS)
        if not response.has_header("Cache-Control") and (secret or _is_signed_in(request)):
            response.headers["Cache-Control"] = "private, no-store"
        return response


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated)


class LanguageMiddleware:
    """Finnish unless the person chose otherwise: the cookie set by the switch on every page.

    Accept-Language is not read: a shared office machine in English must not turn a Finnish
    worker's page into English.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.codes = {code for code, _ in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = code if code in self.codes else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
        keep = getattr(request, "language_to_keep", "")
        if keep in self.codes:
            keep_language(response, keep)
        response.headers.setdefault("Content-Language", language.split("-")[0])
        return response


class NoNulMiddleware:
    """Takes out the character that nobody types and PostgreSQL refuses, before a page reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: object) -> None:
        # Here and not before: the check of the form's token has met a broken line already.
        if NUL in request.path_info:
            raise Http404
        if _has_nul(request.GET):
            request.GET = _without_nul(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and _has_nul(request.POST):
            request.POST = _without_nul(request.POST)  # type: ignore[assignment]


def _has_nul(sent: QueryDict) -> bool:
    return any(NUL in text for name, values in sent.lists() for text in (name, *values))


def _without_nul(sent: QueryDict) -> QueryDict:
    found = QueryDict(mutable=True, encoding=sent.encoding)
    for name, values in sent.lists():
        found.setlist(name.replace(NUL, ""), [v.replace(NUL, "") for v in values])
    return found


class SentFormsMiddleware:
    """Words instead of an empty page when the address of a sent form is opened or loaded again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Django's own, with the sign-in pages of allauth let through by name."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> Any:
        match = request.resolver_match
        if match is not None and match.url_name in SIGN_IN_NAMES:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
