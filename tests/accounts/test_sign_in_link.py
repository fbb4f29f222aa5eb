"""Sign-in by e-mailed link: 15 minutes, once, the same answer for everybody."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts import sign_in_link
from accounts.models import Role, User
from core.models import OutboxMessage
from tests import builders

CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def person(db: None) -> User:
    return builders.user(Role.WORKER, email="aino@askare.example")


def link_of(message: OutboxMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", message.body)
    assert found is not None
    return found[1]


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_known_and_unknown_address_get_the_same_answer(client: Client, person: User) -> None:
    answers = [
        CSRF.sub(b"", client.post(reverse("sign_in_link"), {"email": email}).content)
        for email in (person.email, "nobody@askare.example")
    ]
    assert answers[0] == answers[1]
    assert [m.to for m in OutboxMessage.objects.all()] == [person.email]


def test_address_in_capitals_is_the_same_person(client: Client, person: User) -> None:
    client.post(reverse("sign_in_link"), {"email": "AINO@askare.example"})
    assert OutboxMessage.objects.get().to == person.email


def test_get_writes_nothing_and_shows_a_button(client: Client, person: User) -> None:
    client.post(reverse("sign_in_link"), {"email": person.email})
    path = link_of(OutboxMessage.objects.get())
    page = client.get(path)
    assert page.status_code == 200
    assert b"<button" in page.content
    assert signed_in_as(client) is None


def test_post_signs_in_once(client: Client, person: User) -> None:
    path = reverse("sign_in_link_use", args=[sign_in_link.make_token(person)])
    assert client.post(path).status_code == 302
    assert signed_in_as(client) == str(person.pk)
    stranger = Client()
    assert stranger.post(path).status_code == 410
    assert signed_in_as(stranger) is None


def test_link_leads_to_the_page_asked_for(client: Client, person: User) -> None:
    client.post(reverse("sign_in_link"), {"email": person.email, "next": "/accessibility/"})
    response = client.post(link_of(OutboxMessage.objects.get()))
    assert response.headers["Location"] == "/accessibility/"


def test_link_never_leads_to_another_site(client: Client, person: User) -> None:
    client.post(reverse("sign_in_link"), {"email": person.email, "next": "//evil.example/"})
    response = client.post(link_of(OutboxMessage.objects.get()))
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 410)])
def test_link_ends_after_fifteen_minutes(
    client: Client, person: User, now: datetime, minutes: int, status: int
) -> None:
    with time_machine.travel(now, tick=False):
        path = reverse("sign_in_link_use", args=[sign_in_link.make_token(person)])
    with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
        assert client.get(path).status_code == status


def test_new_password_and_closed_account_end_the_link(client: Client, person: User) -> None:
    path = reverse("sign_in_link_use", args=[sign_in_link.make_token(person)])
    person.set_password("toinen-salasana")
    person.save(update_fields=["password"])
    assert client.get(path).status_code == 410
    path = reverse("sign_in_link_use", args=[sign_in_link.make_token(person)])
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(path).status_code == 410


def test_forged_token_is_gone(client: Client, person: User) -> None:
    forged = signing.dumps([str(person.ref), "x", ""], salt="another.salt")
    assert client.post(reverse("sign_in_link_use", args=[forged])).status_code == 410
    assert client.post(reverse("sign_in_link_use", args=["x"])).status_code == 410


def test_person_with_second_factor_is_asked_for_it(client: Client, person: User) -> None:
    TOTP.activate(person, generate_totp_secret())
    assert Authenticator.objects.filter(user=person).exists()
    path = reverse("sign_in_link_use", args=[sign_in_link.make_token(person)])
    response = client.post(path)
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert signed_in_as(client) is None


def test_links_to_one_person_are_limited(client: Client, person: User) -> None:
    for _ in range(sign_in_link.LINKS_AT_MOST + 2):
        assert client.post(reverse("sign_in_link"), {"email": person.email}).status_code == 200
    assert OutboxMessage.objects.count() == sign_in_link.LINKS_AT_MOST


def test_no_address_keeps_the_form_with_an_error(client: Client, db: None) -> None:
    page = client.post(reverse("sign_in_link"), {"email": "aino@"})
    assert page.status_code == 200
    assert b'aria-invalid="true"' in page.content
    assert b"aino@" in page.content
