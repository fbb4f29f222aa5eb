"""Passkeys and one-time codes in a real browser, from enrolling to signing in with them."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
)
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, expect

from accounts.models import Role
from tests import builders
from tests.journeys.person import PASSWORD, Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
EMAIL = "dispatcher@askare.example"


@pytest.fixture
def me(live_server: Any, browser: Browser) -> Person:
    builders.organisation()
    builders.user(Role.DISPATCHER, email=EMAIL)
    return Person(browser, live_server.url)


def _virtual_authenticator(me: Person) -> Any:
    """A phone or laptop that knows its owner, without the hardware."""
    device = me.context.new_cdp_session(me.page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    found = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return lambda: device.send("WebAuthn.getCredentials", found)["credentials"]


def _sign_out(me: Person) -> None:
    me.context.clear_cookies(name="sessionid")


def _confirm(me: Person) -> None:
    """Changing how one signs in asks for the password once more."""
    if "reauthenticate" in me.page.url:
        me.page.fill("[name=password]", PASSWORD)
        me.page.locator("main button[type=submit]").first.click()
        me.page.wait_for_load_state()


def _add_passkey(me: Person) -> None:
    me.sign_in(EMAIL)
    me.go(reverse("mfa_index"))
    me.page.locator("main a[href*=webauthn]").first.click()
    me.page.wait_for_load_state()
    _confirm(me)
    for box in me.page.locator("main input[type=checkbox]").all():
        box.check()
    me.page.locator("#mfa_webauthn_add").click()
    me.page.wait_for_url(re.compile("/2fa/(?!webauthn/add)"))


def test_passkey_is_added_and_signs_in_without_typing(me: Person) -> None:
    """3.3.8: nothing to remember, nothing to copy."""
    device = _virtual_authenticator(me)
    _add_passkey(me)
    assert len(device()) == 1
    row = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    assert row.wrap().is_passwordless
    _sign_out(me)
    me.go("/account/login/")
    me.page.locator("#passkey_login").click()
    expect(me.page).to_have_url(re.compile("/dispatch/"))
    me.close()


def test_passkey_of_another_device_does_not_sign_in(me: Person) -> None:
    """Negative control: the button alone opens nothing."""
    _virtual_authenticator(me)
    _add_passkey(me)
    stranger = Person(me.context.browser, me.base)  # type: ignore[arg-type]
    _virtual_authenticator(stranger)
    stranger.go("/account/login/")
    stranger.page.locator("#passkey_login").click()
    stranger.page.wait_for_timeout(300)
    assert stranger.page.url.endswith("/account/login/")
    stranger.context.close()
    me.close()


def _code(secret: str) -> str:
    """What the telephone shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_one_time_code_is_enrolled_and_asked_for(me: Person) -> None:
    me.sign_in(EMAIL)
    me.go(reverse("mfa_index"))
    me.page.locator("main a[href*=totp]").first.click()
    me.page.wait_for_load_state()
    _confirm(me)
    expect(me.page.locator("main img")).to_be_visible()
    secret = me.page.locator("main input[readonly], main input[disabled]").first.input_value()
    me.page.fill("[name=code]", _code(secret))
    me.page.locator("main button[type=submit]").first.click()
    me.page.wait_for_url(re.compile("/2fa/(?!totp/activate)"))
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).count() == 1
    _sign_out(me)
    me.sign_in(EMAIL)
    expect(me.page).to_have_url(re.compile("/2fa/authenticate/"))
    me.page.fill("[name=code]", "000000")
    me.page.locator("main button[type=submit]").first.click()
    expect(me.page.locator("main")).to_contain_text("code", ignore_case=True)
    expect(me.page).to_have_url(re.compile("/2fa/authenticate/"))
    # A code is good once: the one used for enrolling is spent until the next half minute.
    cache.clear()
    me.page.fill("[name=code]", _code(secret))
    me.page.locator("main button[type=submit]").first.click()
    expect(me.page).to_have_url(re.compile("/dispatch/"))
    me.close()
