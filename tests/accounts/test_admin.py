"""Settings pages of accounts: messages can be settled, history can only be read."""

from __future__ import annotations

from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django_q.models import Schedule, Task

from accounts.models import Role, User
from core import audit
from core.models import AuditEvent, OutboxMessage
from core.outbox_lifecycle import OutboxState
from tests import builders
from tests.core.test_outbox import write


@pytest.fixture
def admin(client: Client, db: None) -> User:
    person = builders.user(Role.ADMIN, is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize(
    "name", ["accounts_user", "accounts_organisation", "core_outboxmessage", "core_auditevent"]
)
def test_list_opens(client: Client, now: datetime, name: str) -> None:
    write(now)
    audit.record("test.seen", kind="test", ref=1, by=None, now=now)
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("success", [True, False])
def test_schedules_open_after_they_have_run(client: Client, now: datetime, success: bool) -> None:
    Task.objects.create(
        id="a" * 32, name="ran", func="f", started=now, stopped=now, success=success
    )
    Schedule.objects.create(name="nightly", func="f", task="a" * 32)
    page = client.get(reverse("admin:django_q_schedule_changelist"))
    assert page.status_code == 200
    assert b"nightly" in page.content


def test_message_page_hides_the_links_in_the_body(
    client: Client, admin: User, now: datetime
) -> None:
    message = write(now, body="https://askare.example/o/secret-token/")
    page = client.get(reverse("admin:core_outboxmessage_change", args=[message.pk]))
    assert page.status_code == 200
    assert b"secret-token" not in page.content


@pytest.mark.usefixtures("admin")
def test_send_again_moves_only_unsure_and_dead_messages(client: Client, now: datetime) -> None:
    for key, state in (("a", OutboxState.UNKNOWN), ("b", OutboxState.DEAD), ("c", "sent")):
        OutboxMessage.objects.filter(pk=write(now, key=key).pk).update(state=state)
    client.post(
        reverse("admin:core_outboxmessage_changelist"),
        {
            "action": "send_again",
            "_selected_action": list(OutboxMessage.objects.values_list("pk", flat=True)),
        },
    )
    states = dict(OutboxMessage.objects.values_list("key", "state"))
    assert states == {"a": "pending", "b": "pending", "c": "sent"}


@pytest.mark.usefixtures("admin")
def test_audit_event_cannot_be_changed_or_deleted(client: Client, now: datetime) -> None:
    event = audit.record("test.seen", kind="test", ref=1, by=None, now=now)
    change = reverse("admin:core_auditevent_change", args=[event.pk])
    assert client.post(change, {"verb": "forged"}).status_code == 403
    assert client.post(reverse("admin:core_auditevent_delete", args=[event.pk])).status_code == 403


def test_second_factor_is_listed_without_its_secret_and_taken_away_with_a_trace(
    client: Client, admin: User
) -> None:
    person = builders.user(Role.FINANCE)
    factor = Authenticator.objects.create(
        user=person, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )
    listed = client.get(reverse("admin:mfa_authenticator_changelist"))
    shown = client.get(reverse("admin:mfa_authenticator_change", args=[factor.pk]))
    assert str(person) in listed.content.decode()
    assert b"JBSWY3DPEHPK3PXP" not in listed.content + shown.content
    client.post(
        reverse("admin:mfa_authenticator_changelist"),
        {"action": "delete_selected", "_selected_action": [factor.pk], "post": "yes"},
    )
    assert not Authenticator.objects.exists()
    event = AuditEvent.objects.get(verb="second_factor.removed")
    assert (event.ref, event.actor, event.before) == (str(person.ref), admin, {"type": "totp"})


@pytest.mark.usefixtures("admin")
def test_settings_list_nothing_that_nobody_here_needs(client: Client) -> None:
    page = client.get(reverse("admin:index")).content.decode()
    assert "/admin/accounts/user/" in page
    for path in ("auth/group", "account/emailaddress", "axes/accesslog", "django_q/success"):
        assert f"/admin/{path}/" not in page
        assert client.get(f"/admin/{path}/").status_code == 404


@pytest.mark.django_db
def test_settings_pages_ask_for_our_own_sign_in(client: Client) -> None:
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))


@pytest.mark.django_db
@pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMIN])
def test_other_roles_do_not_reach_the_settings_pages(client: Client, role: Role) -> None:
    client.force_login(builders.user(role))
    assert client.get(reverse("admin:index"), follow=True).status_code == 403
