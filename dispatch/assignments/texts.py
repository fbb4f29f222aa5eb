"""What the codes of assignments say to a person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.templatetags.askare import clock
from core.violations import RuleBroken
from dispatch.assignments.services import BookedMeanwhile
from workers.worktime.texts import violation_text


def problem_texts(error: RuleBroken) -> list[str]:
    """What a refusal says to a dispatcher: one sentence for each reason."""
    if isinstance(error, BookedMeanwhile):
        values = {
            "by": error.by_name or _("Somebody"),
            "name": error.worker_name,
            "number": error.order_number,
            "time": clock(error.at),
        }
        return [_("%(by)s booked %(name)s for order %(number)s at %(time)s.") % values]
    return list(dict.fromkeys(violation_text(v) for v in error.violations))
