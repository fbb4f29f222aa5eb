"""The tables of the lifecycles are law: one door writes, every move is taken, the pages say so."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pytest

from billing.models import lifecycle as billing
from core import outbox_lifecycle
from dispatch.models import lifecycle as dispatch
from dispatch.models import plan_lifecycle
from orders.models import lifecycle as orders
from tests.lifecycles import ROOT, defects, sources, taken, writers, written_out

# The doors, each with the table it asks before it writes.
DOORS = {
    ("core/outbox.py", "_move"): {"sources"},
    ("billing/hours/status.py", "begin_entry"): {"HOUR_BIRTHS"},
    ("billing/hours/status.py", "move_hours"): {"hour_target"},
    ("billing/hours/status.py", "move_minutes"): {"bill_target"},
    ("billing/invoices/status.py", "move_invoice"): {"invoice_target"},
    ("dispatch/plans/services.py", "_move"): {"_must"},
    ("dispatch/assignments/door.py", "create_assignment"): {"BIRTHS"},
    ("dispatch/assignments/door.py", "change_status"): {"next_status"},
    ("orders/ordering/services.py", "apply_order_action"): {"target"},
}
# Rows that say how far a piece of work is; they have no table of their own.
WORK_ROWS = {
    ("billing/invoices/runs.py", "_close"),
    ("dispatch/plans/parts.py", "make_part"),
    ("dispatch/plans/parts.py", "_claim"),
    ("dispatch/plans/parts.py", "_take_back_lost"),
    ("dispatch/plans/services.py", "_accept_row"),
    ("dispatch/plans/services.py", "undo"),
    ("dispatch/plans/services.py", "send"),
}
# Writes years of history at once, as it would have come about; check_books judges the outcome.
HISTORY = "billing/demo/"


@dataclass(frozen=True)
class Table:
    """A lifecycle: its moves, the states in which one may begin, its states and its actions."""

    moves: Mapping[tuple[StrEnum, StrEnum], StrEnum]
    births: frozenset[StrEnum]
    states: type[StrEnum]
    actions: type[StrEnum]
    home: str


TABLES: dict[str, Table] = {
    "WorkOrder": Table(
        orders.MOVES,
        orders.BIRTHS,
        orders.OrderStatus,
        orders.OrderAction,
        "orders/models/lifecycle.py",
    ),
    "Assignment": Table(
        dispatch.MOVES,
        dispatch.BIRTHS,
        dispatch.AssignmentStatus,
        dispatch.AssignmentAction,
        "dispatch/models/lifecycle.py",
    ),
    "Plan": Table(
        plan_lifecycle.MOVES,
        plan_lifecycle.BIRTHS,
        plan_lifecycle.PlanState,
        plan_lifecycle.PlanAction,
        "dispatch/models/plan_lifecycle.py",
    ),
    "HourEntry": Table(
        billing.HOUR_MOVES,
        billing.HOUR_BIRTHS,
        billing.HourStatus,
        billing.HourAction,
        "billing/models/lifecycle.py",
    ),
    "Minutes": Table(
        billing.BILL_MOVES,
        billing.BILL_BIRTHS,
        billing.BillState,
        billing.BillAction,
        "billing/models/lifecycle.py",
    ),
    "Invoice": Table(
        billing.INVOICE_MOVES,
        billing.INVOICE_BIRTHS,
        billing.InvoiceStatus,
        billing.InvoiceAction,
        "billing/models/lifecycle.py",
    ),
    "OutboxMessage": Table(
        outbox_lifecycle.MOVES,
        outbox_lifecycle.BIRTHS,
        outbox_lifecycle.OutboxState,
        outbox_lifecycle.OutboxAction,
        "core/outbox_lifecycle.py",
    ),
}


# --------------------------------------------------------------------------- one door writes


def test_only_the_doors_write_a_state() -> None:
    found = {
        (path, name)
        for path, tree in sources()
        if not path.startswith(HISTORY)
        for name, _line in writers(tree)
    }
    assert found - set(DOORS) - WORK_ROWS == set(), "written past the table"
    assert (set(DOORS) | WORK_ROWS) - found == set(), "a door that does not write is no door"


@pytest.mark.parametrize(("door", "table"), DOORS.items(), ids=str)
def test_each_door_asks_its_table(door: tuple[str, str], table: set[str]) -> None:
    path, name = door
    tree = ast.parse((ROOT / path).read_text())
    [function] = [x for x in tree.body if isinstance(x, ast.FunctionDef) and x.name == name]
    named = {x.id for x in ast.walk(function) if isinstance(x, ast.Name)}
    assert table <= named


PLANTED = [
    "Invoice.objects.filter(pk=1).update(status=InvoiceStatus.PAID)",
    "invoice.status = 'paid'",
    "invoice.status, invoice.open_sum = InvoiceStatus.PAID, 0",
    "for order.status in states: pass",
    "invoice.save(update_fields=['status', 'open_sum'])",
    "Invoice.objects.create(status='sent')",
    "Assignment(order=order, status='accepted')",
    "models.Assignment(order=order, status='accepted')",
    "HourEntry.objects.bulk_update(rows, ['status'])",
    "HourEntry.objects.update_or_create(pk=1, defaults={'bill_state': 'billed'})",
    "setattr(plan, 'state', 'sent')",
    "fields = {'status': 'approved'}; HourEntry.objects.update(**fields)",
    "fields['status'] = 'placed'; WorkOrder.objects.update(**fields)",
    "_compare_and_set(order, {'status': OrderStatus.PLACED})",
    "state = {'bill_state': BillState.UNBILLED}",
    "cursor.execute('UPDATE billing_invoice SET status = %s')",
    "OutboxMessage.objects.aupdate(state='sent')",
]


@pytest.mark.parametrize("planted", PLANTED)
def test_planted_write_past_the_table_is_found(planted: str) -> None:
    assert [name for name, _ in writers(ast.parse(f"def free_hours():\n    {planted}"))]
    nested = f"class A:\n    def outer(self):\n        def inner():\n            {planted}"
    assert {name for name, _ in writers(ast.parse(nested))} == {"outer"}
    assert {name for name, _ in writers(ast.parse(planted))} == {""}


@pytest.mark.parametrize(
    "harmless",
    [
        "render(request, 'x.html', {}, status=409)",
        "Invoice.objects.filter(status='paid').update(open_sum=0)",
        "if invoice.status == 'paid': pass",
        "audit.record('x', before={'status': old}, after={'status': new.value})",
        "raise refuse('invoice_not_possible', status=str(old))",
    ],
)
def test_reading_and_telling_is_no_write(harmless: str) -> None:
    assert list(writers(ast.parse(f"def f():\n    {harmless}"))) == []


# --------------------------------------------------------------------------- every move is taken


@pytest.mark.parametrize("noun", TABLES)
def test_every_state_can_be_reached_and_every_action_is_taken(noun: str) -> None:
    table = TABLES[noun]
    called: set[str] = set()
    for path, tree in sources():
        if path != table.home:
            called |= taken(tree, table.actions.__name__)
    assert defects(table.moves, table.births, table.states, table.actions, called) == []


class Lamp(StrEnum):
    OFF = "off"
    ON = "on"
    BROKEN = "broken"


class Press(StrEnum):
    LIGHT = "light"
    BREAK = "break"
    MEND = "mend"


def test_planted_dead_action_and_unreachable_state_are_found() -> None:
    moves = {(Lamp.OFF, Press.LIGHT): Lamp.ON, (Lamp.ON, Press.BREAK): Lamp.BROKEN}
    assert defects(moves, {Lamp.OFF}, Lamp, Press, {"LIGHT", "MEND"}) == [
        "nobody takes break",
        "mend is in no move",
        "nothing leads to broken",
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("apply(row, Press.LIGHT)", {"LIGHT"}),
        ("apply(row, action=Press.LIGHT if dark else Press.BREAK)", {"LIGHT", "BREAK"}),
        ("_S, _P = Lamp, Press\napply(row, _P.MEND)", {"MEND"}),
        ("STEPS = {Lamp.ON: Press.LIGHT}", {"LIGHT"}),
        ("def step():\n    return Press.LIGHT", {"LIGHT"}),
        # Only named, never taken:
        ("REPEATABLE = frozenset({Press.LIGHT})", set()),
        ("KINDS = {Press.LIGHT: 1}", set()),
        ("if action is Press.LIGHT: pass", set()),
        ("if target(row.status, Press.LIGHT) is None: pass", set()),
    ],
)
def test_taken_tells_taking_from_naming(source: str, found: set[str]) -> None:
    assert taken(ast.parse(f"from lamps import Lamp, Press\n{source}"), "Press") == found


# --------------------------------------------------------------------------- what the page says


def documented(text: str) -> dict[str, list[tuple[str, str]]]:
    """By noun the rows of the tables of a page's section on lifecycles."""
    section = re.split(r"^## ", text.split("## Lifecycles\n", 1)[1], flags=re.M)[0]
    found: dict[str, list[tuple[str, str]]] = {}
    for part in re.split(r"^### ", section, flags=re.M)[1:]:
        noun = part.split()[0]
        rows = re.findall(r"^\| `([^|]*?)` \| ([^|]*?) \|$", part, flags=re.M)
        found[noun] = [(state.replace("`", ""), moves.replace("`", "")) for state, moves in rows]
    return found


def test_architecture_page_has_the_tables_of_the_code() -> None:
    code = {noun: written_out(t.moves, t.births, t.states) for noun, t in TABLES.items()}
    assert documented((ROOT / "docs/architecture.md").read_text()) == code


def test_planted_difference_of_the_page_is_found() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    assert documented(page.replace("give_up > unfilled", "")) != documented(page)
    assert documented(page.replace("### Invoice", "### Bill")) != documented(page)
