"""What the codes of broken rules say to a person; each app registers the texts of its own codes."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from core.violations import RuleBroken, Violation

Texts = Callable[[Violation], "str | None"]
_texts: list[Texts] = []
# Sentences that name the worker themselves.
_names_worker: set[str] = set()


def register(texts: Texts, *, names_worker: frozenset[str] = frozenset()) -> None:
    """Add texts for more codes: a function that answers None for codes it does not know.

    `names_worker` are the codes whose sentence names the worker; others get the name in front.
    """
    if texts not in _texts:
        _texts.append(texts)
        _names_worker.update(names_worker)


def violation_text(violation: Violation) -> str:
    """One sentence for a broken rule; an unknown code reads as a plain refusal."""
    text = known_text(violation)
    if text is None:
        return _("This is not possible now.")
    text = _with_notes(violation, text)
    worker = violation.numbers.get("worker")
    return f"{worker}: {text}" if worker and violation.code not in _names_worker else text


def known_text(violation: Violation) -> str | None:
    """The sentence of the app that knows the code; None when no app does."""
    found = (texts(violation) for texts in _texts)
    return next((text for text in found if text), None)


def problem_texts(error: RuleBroken) -> list[str]:
    """One sentence for each reason of a refusal."""
    return list(dict.fromkeys(violation_text(violation) for violation in error.violations))


def _with_notes(violation: Violation, text: str) -> str:
    """What the sentence rests on: an exception permit, or a calendar that has no such day."""
    if permit := violation.numbers.get("permit"):
        return _("%(text)s (exception permit %(permit)s)") % {"text": text, "permit": permit}
    if violation.numbers.get("assumed"):
        return _("%(text)s (no school calendar for this time: a school day is assumed)") % {
            "text": text
        }
    return text
