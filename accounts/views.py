"""Language, sign-in by e-mailed link, accessibility statement, health."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import sign_in_link as links
from accounts.access import any_role, public
from accounts.forms import SignInLinkForm
from accounts.middleware import keep_language
from accounts.models import User
from core import health
from core.clock import now


def safe_path(request: HttpRequest, path: str, default: str = "/") -> str:
    """A path on this site, or the default when it leads anywhere else."""
    ours = url_has_allowed_host_and_scheme(
        path, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return path if ours else default


@public
@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when all is well, 503 when not; the body says which part."""
    found = health.findings(now())
    well = all(f.ok for f in found)
    checks = {f.name: {"ok": f.ok, "seen": f.seen} for f in found}
    return JsonResponse({"ok": well, "checks": checks}, status=200 if well else 503)


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language on this browser and, when signed in, with the person."""
    response = HttpResponseRedirect(safe_path(request, request.POST.get("next", "")))
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        keep_language(response, code)
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=code)
    return response


@public
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer is the same whether or not the address is known."""
    form = SignInLinkForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    if request.method == "POST" and form.is_valid():
        links.send_link(
            form.cleaned_data["email"],
            next_path=safe_path(request, form.cleaned_data["next"], default=""),
            language=get_language() or settings.LANGUAGE_CODE,
            now=now(),
        )
        return render(request, "accounts/sign_in_link_sent.html", {"minutes": _valid_min()})
    return render(request, "accounts/sign_in_link.html", {"form": form, "minutes": _valid_min()})


@public
@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_variables("token", "ticket")
def sign_in_link_use(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button, because mail scanners open links; POST signs in, and MFA still asks."""
    ticket = links.read_token(token)
    if ticket is None:
        return render(request, "accounts/sign_in_link_gone.html", status=410)
    if request.method == "GET":
        return render(request, "accounts/sign_in_link_use.html", {"person": ticket.user})
    if request.user.is_authenticated:
        return redirect(ticket.next_path or settings.LOGIN_REDIRECT_URL)
    record_authentication(request, ticket.user, method="code", email=ticket.user.email)
    login = Login(user=ticket.user, email=ticket.user.email, redirect_url=ticket.next_path or None)
    return perform_login(request, login)


@any_role
@require_GET
def account_email(request: HttpRequest) -> HttpResponse:
    """The address one signs in with; it is the office that changes it, told to both addresses."""
    return render(request, "accounts/email.html")


@public
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """Accessibility statement: how well, what is missing, where to write, who supervises."""
    return render(request, "accounts/accessibility.html")


def _valid_min() -> int:
    return int(links.VALID.total_seconds() // 60)
