"""Nobody becomes somebody else unseen: addresses and roles change by the office, with a trail."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts import sign_in_link
from accounts.models import Role, User
from core.models import AuditEvent, OutboxMessage
from tests import builders
from tests.conftest import NOW
from workers.models import Worker

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", [r.value for r in Role])
def test_own_address_is_shown_and_cannot_be_changed(role: str) -> None:
    """The package's page would let a signed-in person add an address and make it theirs."""
    user = builders.user(Role(role))
    client, url = signed_in(user), reverse("account_email")
    page = client.get(url)
    assert page.status_code == 200
    assert user.email in page.content.decode()
    assert "<form" not in page.content.decode().split("<main")[1].split("</main")[0]
    for data in (
        {"action_add": "", "email": "toinen@askare.example"},
        {"action_primary": "", "email": "toinen@askare.example"},
    ):
        assert client.post(url, data).status_code == 405
    assert User.objects.get(pk=user.pk).email == user.email
    assert not EmailAddress.objects.exists()


def test_address_page_needs_sign_in() -> None:
    assert Client().get(reverse("account_email")).status_code == 302


def change(chief: User, user: User, **fields: Any) -> None:
    url = reverse("admin:accounts_user_change", args=[user.pk])
    data = {
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "language": user.language,
        "is_active": "on",
    }
    answer = signed_in(chief).post(url, data | fields)
    assert answer.status_code == 302, answer.content.decode()[:3000]


@pytest.fixture
def chief() -> User:
    return builders.user(Role.ADMIN, is_staff=True, is_superuser=True)


def test_office_changes_an_address_both_are_told_and_the_trail_keeps_it(chief: User) -> None:
    user = builders.user(Role.FINANCE, email="vanha@askare.example")
    EmailAddress.objects.create(user=user, email="vanha@askare.example", verified=True)
    token = sign_in_link.make_token(user)
    change(chief, user, email="Uusi@askare.example")
    user.refresh_from_db()
    assert user.email == "uusi@askare.example"
    told = OutboxMessage.objects.filter(kind="address_changed")
    assert sorted(m.to for m in told) == ["uusi@askare.example", "vanha@askare.example"]
    assert all("uusi@askare.example" in m.body for m in told)
    event = AuditEvent.objects.get(verb="user.changed")
    assert (event.before["email"], event.after["email"]) == (
        "vanha@askare.example",
        "uusi@askare.example",
    )
    assert (event.actor, event.ref) == (chief, str(user.ref))
    # Neither a link in the old mail box nor the old address opens the account any more.
    assert sign_in_link.read_token(token) is None
    assert not lets_in("vanha@askare.example")
    assert lets_in("uusi@askare.example")


def lets_in(email: str) -> bool:
    data = {"login": email, "password": "salasana-testi"}
    client = Client()
    client.post(reverse("account_login"), data)
    return "_auth_user_id" in client.session


def test_change_of_role_is_in_the_trail_and_mails_nobody(chief: User) -> None:
    user = builders.user(Role.COACH)
    change(chief, user, role=Role.DISPATCHER.value)
    event = AuditEvent.objects.get(verb="user.changed")
    assert (event.before["role"], event.after["role"]) == ("coach", "dispatcher")
    assert not OutboxMessage.objects.exists()


def test_change_of_a_name_is_no_change_of_identity(chief: User) -> None:
    """Negative control."""
    user = builders.user(Role.COACH)
    change(chief, user, name="Uusi Nimi")
    assert not AuditEvent.objects.filter(kind="user").exists()


# --------------------------------------------------------------------------- workers' accounts


def post_worker(worker: Worker, **fields: Any) -> Any:
    client = signed_in(builders.user(Role.DISPATCHER))
    url = reverse("dispatch:worker-edit", args=[worker.ref])
    form = client.get(url).context["form"]
    data = {
        n: v for n in form.fields if (v := form[n].value()) not in (None, "") and v is not False
    }
    data |= fields
    return client.post(url, {n: v for n, v in data.items() if v is not None})


def test_office_opens_a_workers_account_who_then_signs_in_by_link() -> None:
    worker = builders.worker(email="")
    refused = post_worker(worker, signs_in="on")
    assert set(refused.context["form"].errors) == {"email"}
    assert post_worker(worker, signs_in="on", email="Aino@askare.example").status_code == 302
    worker.refresh_from_db()
    user = worker.user
    assert user is not None
    assert (user.role, user.email, user.has_usable_password()) == (
        "worker",
        "aino@askare.example",
        False,
    )
    assert OutboxMessage.objects.get(kind="account_opened").to == user.email
    assert AuditEvent.objects.filter(verb="user.created", ref=str(user.ref)).count() == 1
    sent = sign_in_link.send_link("aino@askare.example", next_path="", language="fi", now=NOW)
    assert sent is not None


def test_worker_page_takes_nobody_elses_address() -> None:
    other = builders.user(Role.ADMIN)
    worker = builders.worker()
    refused = post_worker(worker, signs_in="on", email=other.email.upper())
    assert set(refused.context["form"].errors) == {"email"}
    assert Worker.objects.get().user is None


def test_worker_page_closes_the_account_and_opens_it_again() -> None:
    worker = builders.worker(email="a@askare.example", user=builders.user(Role.WORKER))
    assert post_worker(worker, signs_in=None).status_code == 302
    user = User.objects.get(role=Role.WORKER)
    assert not user.is_active
    assert post_worker(worker, signs_in="on").status_code == 302
    user.refresh_from_db()
    assert (user.is_active, user.email) == (True, "a@askare.example")


def test_worker_page_never_touches_an_account_of_the_office() -> None:
    """Negative control: a coach who also works keeps their own sign-in."""
    coach = builders.user(Role.COACH, email="valmentaja@askare.example")
    worker = builders.worker(email="muu@askare.example", user=coach, birth_date=date(1980, 1, 1))
    post_worker(worker, signs_in="on", email="kaapattu@askare.example")
    coach.refresh_from_db()
    assert (coach.email, coach.is_active) == ("valmentaja@askare.example", True)
    assert not AuditEvent.objects.filter(kind="user").exists()
