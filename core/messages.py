"""Telling somebody something: the one door between the apps and the outbox.

A message has a kind. Its words are `templates/messages/<kind>.txt`: the first line is the subject,
the rest the body. The app of a noun makes the `Recipient`, so this module knows no app. A further
channel is an address more in `Recipient`; the callers of `send` stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from core import outbox
from core.models import OutboxMessage


@dataclass(frozen=True)
class Recipient:
    """Who is told, where and in which language; without an e-mail nobody can be told."""

    email: str
    language: str


def compose(kind: str, context: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Subject and body of a message in a language; the outbox cuts a subject that is too long."""
    with translation.override(language):
        text = render_to_string(f"messages/{kind}.txt", dict(context))
    subject, _, body = text.strip().partition("\n")
    return subject.strip(), body.strip()


def send(
    to: Recipient,
    kind: str,
    context: Mapping[str, Any],
    *,
    key: str,
    now: datetime,
    due_at: datetime | None = None,
    attachment_ref: str = "",
    resend_if_unknown: bool = True,
) -> OutboxMessage | None:
    """Write a message into the outbox in the running transaction; the same key is one message.

    `attachment_ref` names what the maker of the kind's attachment needs, see
    `outbox.register_attachment`. None: the recipient has no e-mail.
    """
    if not to.email:
        return None
    subject, body = compose(kind, context, to.language)
    return outbox.enqueue(
        key,
        kind=kind,
        to=to.email,
        language=to.language,
        subject=subject,
        body=body,
        now=now,
        due_at=due_at,
        attachment_kind=kind if attachment_ref else "",
        attachment_ref=attachment_ref,
        resend_if_unknown=resend_if_unknown,
    )


def send_file(
    to: Recipient, kind: str, name: str, *, attachment_ref: str, key: str, now: datetime
) -> OutboxMessage | None:
    """Write a file without words into the outbox; whether it left is never guessed."""
    return outbox.enqueue(
        key,
        kind=kind,
        to=to.email,
        language=to.language,
        subject=name,
        body="",
        now=now,
        attachment_kind=kind,
        attachment_ref=attachment_ref,
        resend_if_unknown=False,
    )
