"""The order being made, kept in the session: it survives a lost line and a change of language.

Only what was typed is kept (codes and texts, never sentences), and it is checked again on
every step. Steps: "task", "when" (when and where), "check" (who orders).
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from django.contrib.sessions.backends.base import SessionBase, UpdateError

KEY, SENT = "order_draft", "orders_sent"
SENT_KEPT = 20
LONGEST = 1_500


def _cut(value: Any) -> Any:
    """More than any field takes is nothing that somebody typed."""
    return value[:LONGEST] if isinstance(value, str) else value


class SessionDraft:
    """One order in the making; reading never writes the session."""

    def __init__(self, session: SessionBase) -> None:
        self.session = session
        self.data: dict[str, Any] = session.get(KEY, {})

    @property
    def task(self) -> str:
        """Code of the task type chosen, or ""."""
        return str(self.data.get("task", ""))

    @property
    def form_key(self) -> uuid.UUID | None:
        """The key that makes two sendings one order; there from the first step on."""
        key = self.data.get("form_key")
        return uuid.UUID(key) if key else None

    def typed(self, step: str) -> dict[str, Any]:
        """What was typed on a step."""
        return dict(self.data.get(step, {}))

    def is_done(self, step: str) -> bool:
        """True when the step was once sent without errors."""
        return step in self.data.get("done", [])

    def choose(self, task: str) -> None:
        """Keep the task of step 1; the other steps stay as they are."""
        self.data.setdefault("form_key", str(uuid.uuid4()))
        self.data["task"] = task
        self._save()

    def keep(self, step: str, typed: dict[str, Any], *, done: bool) -> None:
        """Keep what was typed on a step, right or wrong."""
        self.data.setdefault("form_key", str(uuid.uuid4()))
        self.data[step] = {name: _cut(value) for name, value in typed.items()}
        steps = set(self.data.get("done", [])) - {step}
        self.data["done"] = sorted(steps | {step} if done else steps)
        self._save()

    def note(self, step: str, typed: dict[str, Any]) -> None:
        """Keep what is being typed, unless the step was sent while this was on its way.

        The session is read anew: a request that began before the sending would undo it.
        """
        self.session.modified = False
        self.session = type(self.session)(self.session.session_key)
        self.data = self.session.get(KEY, {})
        if not self.is_done(step):
            self.keep(step, typed, done=False)
            with suppress(UpdateError):  # the session has ended meanwhile
                self.session.save()

    def start(self, task: str, when: dict[str, Any], check: dict[str, Any]) -> None:
        """A new draft filled in from an earlier order."""
        self.data = {"form_key": str(uuid.uuid4())}
        self.choose(task)
        self.keep("when", when, done=True)
        self.keep("check", check, done=False)

    def mark_sent(self, form_key: uuid.UUID) -> None:
        """Forget the draft, remember that this session sent it."""
        self.session.pop(KEY, None)
        self.data = {}
        keys = [*self.session.get(SENT, []), str(form_key)]
        self.session[SENT] = keys[-SENT_KEPT:]

    def was_sent(self, form_key: str) -> bool:
        """True when this session has sent the form with this key."""
        return form_key in self.session.get(SENT, [])

    def _save(self) -> None:
        self.session[KEY] = self.data
