"""Bank entries, payments, reminders and rates are append-only, by whatever code."""

from core.guards import append_only, register

GUARDS = tuple(
    register(append_only(f"{name}_append_only", f"billing_{name}"))
    for name in ("bankentry", "payment", "reminder", "referencerate", "reminderterms")
)
