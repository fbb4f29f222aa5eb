"""Text of an invoice line, in the customer's language."""

from __future__ import annotations

from decimal import Decimal

from orders.models import WorkOrder
from orders.rules.pricing import PriceLine

WORDS = {
    "fi": {
        "work_minimum": "vähimmäisveloitus", "evening": "iltalisä", "night": "yölisä",
        "saturday": "lauantailisä", "sunday": "sunnuntailisä", "holiday": "arkipyhälisä",
        "eve": "aattolisä",
    },
    "sv": {
        "work_minimum": "minsta debitering", "evening": "kvällstillägg", "night": "nattillägg",
        "saturday": "lördagstillägg", "sunday": "söndagstillägg", "holiday": "helgtillägg",
        "eve": "aftontillägg",
    },
    "en": {
        "work_minimum": "minimum charge", "evening": "evening supplement",
        "night": "night supplement", "saturday": "Saturday supplement",
        "sunday": "Sunday supplement", "holiday": "public holiday supplement",
        "eve": "eve supplement",
    },
}  # fmt: skip


_DISCOUNT = {"fi": "sopimusalennus", "sv": "avtalsrabatt", "en": "agreed discount"}


def discount_text(pct: Decimal, language: str) -> str:
    """For example "sopimusalennus 5 %"."""
    text = f"{pct.normalize():f}"
    return f"{_DISCOUNT[language]} {text if language == 'en' else text.replace('.', ',')} %"


def line_text(line: PriceLine, order: WorkOrder, language: str) -> str:
    """For example "Siivous, Kauppakatu 4, iltalisä 15 %"; no worker's name goes on an invoice."""
    text = f"{order.task_type.in_language('name', language)}, {order.site.street}"
    if line.percent is not None:
        extra = WORDS[language][line.code.removeprefix("supplement.")]
        return f"{text}, {extra} {line.percent.normalize():f} %"
    # Both are minutes of one person: the line's own minutes are those of all people together.
    each = int(line.text_args.get("minutes_each", line.minutes))
    least = each > int(line.text_args.get("worked_min", each))
    return f"{text}, {WORDS[language]['work_minimum']}" if least else text
