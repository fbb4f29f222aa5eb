"""Nobody is booked twice, whatever code writes: exclusion constraint or triggers."""

from core.guards import Guard, append_only, register
from dispatch.models.lifecycle import HOLDING

_HOLDING_SQL = ", ".join(f"'{s.value}'" for s in HOLDING)


def _overlap_trigger(name: str, event: str) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON dispatch_assignment "
        f"WHEN NEW.status IN ({_HOLDING_SQL}) BEGIN "
        "SELECT RAISE(ABORT, 'assignment_no_overlap') FROM dispatch_assignment a "
        "WHERE a.worker_id = NEW.worker_id AND a.id IS NOT NEW.id "
        f"AND a.status IN ({_HOLDING_SQL}) "
        "AND a.starts_at < NEW.ends_at AND a.ends_at > NEW.starts_at LIMIT 1; END"
    )


NO_OVERLAP = register(
    Guard(
        name="assignment_no_overlap",
        table="dispatch_assignment",
        sqlite={
            "assignment_no_overlap_insert": _overlap_trigger(
                "assignment_no_overlap_insert", "INSERT"
            ),
            "assignment_no_overlap_update": _overlap_trigger(
                "assignment_no_overlap_update", "UPDATE OF worker_id, starts_at, ends_at, status"
            ),
        },
        # int8range instead of the plain number: works without the btree_gist extension.
        postgresql=(
            "ALTER TABLE dispatch_assignment ADD CONSTRAINT assignment_no_overlap "
            "EXCLUDE USING gist (int8range(worker_id, worker_id, '[]') WITH &&, "
            f"tstzrange(starts_at, ends_at) WITH &&) WHERE (status IN ({_HOLDING_SQL}))",
        ),
        postgresql_drop=(
            "ALTER TABLE dispatch_assignment DROP CONSTRAINT IF EXISTS assignment_no_overlap",
        ),
    )
)
PUNCHES = register(append_only("punch_append_only", "dispatch_punch"))
