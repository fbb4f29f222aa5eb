"""Running numbers: one row per series, raised by UPDATE inside the transaction that uses it."""

from django.db.models import F

from core.models import Counter


def lock_series(series: str, *, start: int = 0) -> None:
    """Hold the row of `series` until the transaction ends; make it at `start` when it is new.

    An UPDATE, because SQLite silently ignores `select_for_update`.
    """
    if not Counter.objects.filter(series=series).update(last=F("last")):
        Counter.objects.get_or_create(series=series, defaults={"last": start})
        Counter.objects.filter(series=series).update(last=F("last"))


def next_number(series: str, *, start: int = 0) -> int:
    """The next number of `series`; `start` is the number before the first of a new series.

    Call it inside a transaction: a rollback gives the number back, so no number is lost.
    """
    if not Counter.objects.filter(series=series).update(last=F("last") + 1):
        lock_series(series, start=start)
        Counter.objects.filter(series=series).update(last=F("last") + 1)
    return Counter.objects.values_list("last", flat=True).get(series=series)
