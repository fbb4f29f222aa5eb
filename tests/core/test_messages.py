"""Words of a message come from its template alone, in the recipient's language, by one door."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import render_to_string

from core import messages
from core.messages import Recipient
from core.models import OutboxMessage

WORDS = """{% load i18n %}{% autoescape off %}  {{ name }}: {% translate "your gig" %}

{{ text }}
{% if url %}
{{ url }}
{% endif %}{% endautoescape %}
"""


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind `greeting`, beside those that apps have."""

    def render(name: str, context: dict[str, object]) -> str:
        if name == "messages/greeting.txt":
            return engines["django"].from_string(WORDS).render(context)
        return render_to_string(name, context)

    monkeypatch.setattr(messages, "render_to_string", render)


@pytest.mark.parametrize(
    ("language", "subject"),
    [("fi", "Aino: keikkasi"), ("sv", "Aino: ditt uppdrag"), ("en", "Aino: your gig")],
)
def test_first_line_is_the_subject_in_the_language_asked_for(language: str, subject: str) -> None:
    context = {"name": "Aino", "text": "<b> & Moi", "url": ""}
    assert messages.compose("greeting", context, language) == (subject, "<b> & Moi")


def test_body_has_no_blank_lines_around_it() -> None:
    context = {"name": "Aino", "text": "\n Moi\n\nHei\n", "url": "https://a.example"}
    _, body = messages.compose("greeting", context, "fi")
    assert body == "Moi\n\nHei\n\n\nhttps://a.example"


@pytest.mark.django_db
def test_send_writes_what_was_composed(now: datetime) -> None:
    to, later = Recipient("aino@askare.example", "sv"), now + timedelta(hours=9)
    context = {"name": "Aino", "text": "Moi"}
    row = messages.send(to, "greeting", context, key="greeting:1", now=now, due_at=later)
    assert row is not None
    subject, body = messages.compose("greeting", context, "sv")
    assert (row.subject, row.body, row.language) == (subject, body, "sv")
    assert (row.key, row.kind, row.to) == ("greeting:1", "greeting", "aino@askare.example")
    assert (row.due_at, row.attachment_kind, row.resend_if_unknown) == (later, "", True)


@pytest.mark.django_db
def test_long_subject_is_cut_and_has_no_line_break(now: datetime) -> None:
    to = Recipient("aino@askare.example", "fi")
    context = {"name": "Aino\t Marja " * 40, "text": "Moi"}
    row = messages.send(to, "greeting", context, key="greeting:1", now=now)
    assert row is not None
    assert row.subject == ("Aino Marja " * 40)[:200]


@pytest.mark.django_db
def test_nobody_to_tell_composes_nothing(now: datetime) -> None:
    assert messages.send(Recipient("", "fi"), "no_such_kind", {}, key="k", now=now) is None
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_attachment_is_made_by_the_kind_of_the_message(now: datetime) -> None:
    to = Recipient("aino@askare.example", "fi")
    row = messages.send_file(to, "einvoice", "a.xml", attachment_ref="7", key="k", now=now)
    assert row is not None
    assert (row.attachment_kind, row.attachment_ref, row.body) == ("einvoice", "7", "")
    assert not row.resend_if_unknown


def test_every_kind_with_words_is_sent_by_somebody() -> None:
    root = Path(__file__).parents[2]
    senders = "".join(path.read_text(encoding="utf-8") for path in root.glob("*/**/messages.py"))
    kinds = [path.stem for path in (root / "templates" / "messages").iterdir()]
    assert kinds
    assert [kind for kind in kinds if f'"{kind}"' not in senders] == []
