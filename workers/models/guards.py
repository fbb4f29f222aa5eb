"""A mark that changes with every change of what the ranking keeps in memory about workers.

Triggers and not services write it, because bulk writes, imports and repairs by hand change rows
too. Each worker has a row of their own, so that two changes of different people never wait for
each other; the mark is random, so that a rolled back or restored database never looks like
another state that a process has in memory.
"""

from core.guards import Guard, register

STAMPS = "workers_workerstamp"
# What the ranking keeps about a worker; other columns (a phone number, the lock) change nothing.
WORKER_COLUMNS = (
    "last_name",
    "birth_date",
    "lat",
    "lon",
    "travel_mode",
    "max_trip_min",
    "wish_week_min",
    "coach_id",
    "coached_gigs",
    "active",
)
# Table, the column that says whose row it is (None: what concerns everybody), columns watched.
WATCHED: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
    ("workers_worker", "id", WORKER_COLUMNS),
    ("workers_worker_skills", "worker_id", ()),
    ("workers_engagement", "worker_id", ()),
    ("workers_restriction", "worker_id", ()),
    ("workers_weeklyavailability", "worker_id", ()),
    ("workers_skill", None, ()),
    ("workers_legallimit", None, ()),
    ("orders_tasktype_skills", None, ()),
)
_EVENTS = ("INSERT", "UPDATE", "DELETE")


def _upsert(worker: str, mark: str) -> str:
    return (
        f"INSERT INTO {STAMPS} (worker_id, mark) VALUES ({worker}, {mark}) "
        "ON CONFLICT (worker_id) DO UPDATE SET mark = excluded.mark"
    )


def _sqlite(name: str, table: str, column: str | None, columns: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for event in _EVENTS:
        row = "OLD" if event == "DELETE" else "NEW"
        watched = f" OF {', '.join(columns)}" if event == "UPDATE" and columns else ""
        statement = _upsert(f"{row}.{column}" if column else "0", "random() & 1099511627775")
        found[f"{name}_{event.lower()}"] = (
            f"CREATE TRIGGER {name}_{event.lower()} AFTER {event}{watched} ON {table} "
            f"BEGIN {statement}; END"
        )
    return found


def _postgresql(
    name: str, table: str, column: str | None, columns: tuple[str, ...]
) -> tuple[str, ...]:
    watched = f" OF {', '.join(columns)}" if columns else ""
    worker = f"(CASE WHEN TG_OP = 'DELETE' THEN OLD.{column} ELSE NEW.{column} END)"
    if column is None:
        worker = "0"
    statement = _upsert(worker, "floor(random() * 1099511627776)::bigint")
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{statement}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE{watched} OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def _guard(table: str, column: str | None, columns: tuple[str, ...]) -> Guard:
    name = f"stamp_{table}"
    return Guard(
        name=name,
        table=table,
        sqlite=_sqlite(name, table, column, columns),
        postgresql=_postgresql(name, table, column, columns),
        postgresql_drop=(f"DROP TRIGGER IF EXISTS {name} ON {table}",),
    )


GUARDS = tuple(register(_guard(*watched)) for watched in WATCHED)
