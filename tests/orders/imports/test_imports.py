"""Tables of the office: read, planned, refused in words, written once."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Role
from core.cells import BadCell, business_id, hours, number, postal_code, spans
from orders.imports.kinds import KINDS
from orders.imports.reader import NotATable, read_table
from orders.imports.services import Plan, apply_import, plan_import
from orders.imports.texts import problem_text
from orders.models import Contact, Customer, Site, Tariff, TaskType, WorkOrder
from tests import builders
from workers.models import Worker

pytestmark = pytest.mark.engine
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
FILES = (
    ("customers", "asiakkaat.csv"),
    ("sites", "kohteet.csv"),
    ("task_types", "tehtavat.csv"),
    ("workers", "tyontekijat.xlsx"),
    ("orders", "tilaukset.csv"),
)
NOW = datetime(2027, 6, 1, 7, 0, tzinfo=UTC)


def plan_of(kind: str, text: str) -> Plan:
    return plan_import(KINDS[kind], read_table(text.encode()), now=NOW)


def bring_in_examples() -> list[Plan]:
    builders.tariff()
    plans = []
    for kind, name in FILES:
        plan = plan_import(KINDS[kind], read_table((EXAMPLES / name).read_bytes()), now=NOW)
        assert [problem_text(p) for p in plan.problems] == []
        apply_import(plan, file_name=name, by=None, now=NOW)
        plans.append(plan)
    return plans


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_read_table_any_separator_and_encoding_same_cells(separator: str, encoding: str) -> None:
    text = separator.join(["Nimi", "Määrä"]) + "\r\n" + separator.join(["Höyry", "ÅÄÖ"]) + "\r\n"
    table = read_table(text.encode(encoding))
    assert table.headings == ("Nimi", "Määrä")
    assert table.rows[0].cells == ("Höyry", "ÅÄÖ")
    assert table.rows[0].line == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"just a sentence without columns", "no_columns"),
        (b"\x00\x01\x02;\x00", "not_text"),
        (b"PK\x03\x04 not really a zip", "broken_xlsx"),
        (b"a;b\n" + b"x;y\n" * 1_400_000, "too_large"),
    ],
)
def test_read_table_not_a_table_says_why(content: bytes, code: str) -> None:
    with pytest.raises(NotATable) as caught:
        read_table(content)
    assert caught.value.code == code


def test_read_table_cell_over_two_lines_keeps_the_first_line_number() -> None:
    table = read_table(b'a;b\n"one\ntwo";2\nthree;3\n')
    assert [row.line for row in table.rows] == [2, 4]


def test_cells_finnish_forms_are_understood() -> None:
    assert number("1 234,50 €") == Decimal("1234.50")
    assert hours("2,25") == 135
    assert postal_code("100") == "00100"
    assert business_id("FI20774740".removeprefix("FI")) == "2077474-0"
    assert spans("8-12, 13.00–16.30") == ((time(8), time(12)), (time(13), time(16, 30)))


@pytest.mark.parametrize("bad", ["16-8", "8", "aamu", "25-26"])
def test_spans_wrong_hours_refused(bad: str) -> None:
    with pytest.raises(BadCell):
        spans(bad)


@pytest.mark.django_db
def test_examples_into_empty_database_all_rows_there() -> None:
    plans = bring_in_examples()
    assert [p.creates for p in plans] == [5, 4, 3, 3, 3]
    assert Customer.objects.get(customer_no="2004").name == "Östra Saimens Segelförening rf"
    assert Site.objects.get(name="Venesatama").lat == 61.0662
    assert Tariff.objects.get(task_type__code="pihatyo").hourly_net == Decimal("32.50")
    worker = Worker.objects.get(worker_no="T-03")
    assert worker.weekly_availability.filter(weekday=2).count() == 2
    order = WorkOrder.objects.get(duration_min=210)
    assert (order.people, order.quote_net) == (2, Decimal("227.50"))


@pytest.mark.django_db
def test_examples_twice_change_nothing() -> None:
    bring_in_examples()
    before = (Customer.objects.count(), Contact.objects.count(), WorkOrder.objects.count())
    again = bring_in_examples()
    assert [(p.creates, p.updates) for p in again] == [(0, 0)] * 5
    assert [p.sames for p in again] == [5, 4, 3, 3, 3]
    assert (Customer.objects.count(), Contact.objects.count(), WorkOrder.objects.count()) == before


@pytest.mark.django_db
def test_changed_cell_updates_that_row_only() -> None:
    bring_in_examples()
    text = (EXAMPLES / "tehtavat.csv").read_bytes().decode("cp1252").replace("32,50", "34,00")
    plan = plan_of("task_types", text)
    assert (plan.updates, plan.sames) == (1, 2)
    apply_import(plan, file_name="x.csv", by=None, now=NOW)
    assert Tariff.objects.get(task_type__code="pihatyo").hourly_net == Decimal("34.00")


@pytest.mark.django_db
def test_wrong_rows_named_by_line_column_value_and_nothing_written(
    django_assert_num_queries: object,
) -> None:
    text = (
        "Asiakasnumero;Nimi;Y-tunnus;Postinumero\n"
        "1;Hyvä Oy;2077474-0;53100\n"
        "2;Väärä Oy;2345678-9;53100\n"
        ";Nimetön Oy;0112038-9;99999\n"
        "4;Hyvä taas Oy;2077474-0;53100\n"
    )
    plan = plan_of("customers", text)
    found = {(p.line, p.column, p.value, p.code) for p in plan.problems}
    assert found == {
        (3, "Y-tunnus", "2345678-9", "business_id"),
        (4, "Asiakasnumero", "", "required"),
        (5, "", "Hyvä taas Oy", "twice"),
    }
    assert all(problem_text(p) for p in plan.problems)
    with pytest.raises(ValueError, match="problems"):
        apply_import(plan, file_name="x", by=None, now=NOW)
    assert Customer.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cell", "value"),
    [("7.6.2027", "7.6.2020"), ("9.00", "kello"), (";4;1;", ";9;1;"), (";4;1;", ";4;200;"),
     ("Siivous;", "Taikominen;"), ("53100", "00003")],
)  # fmt: skip
def test_order_row_outside_the_rules_refused_with_words(cell: str, value: str) -> None:
    bring_in_examples()
    WorkOrder.objects.all().delete()
    text = (EXAMPLES / "tilaukset.csv").read_text(encoding="utf-8").replace(cell, value, 1)
    plan = plan_of("orders", text)
    assert [p.line for p in plan.problems] == [2]
    assert problem_text(plan.problems[0])


@pytest.mark.django_db
def test_command_dry_run_writes_nothing(tmp_path: Path) -> None:
    out = io.StringIO()
    call_command(
        "import_rows", "customers", str(EXAMPLES / "asiakkaat.csv"), "--dry-run", stdout=out
    )
    assert "5 new, 0 changed, 0 unchanged; nothing was written" in out.getvalue()
    assert Customer.objects.count() == 0
    bad = tmp_path / "bad.csv"
    bad.write_text("Asiakasnumero;Nimi;Y-tunnus;Postinumero\n1;X;123;53100\n", encoding="utf-8")
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 problems; nothing was written"):
        call_command("import_rows", "customers", str(bad), stderr=err)
    assert "line 2, 'Y-tunnus', '123'" in err.getvalue()


@pytest.mark.django_db
def test_upload_shows_preview_and_writes_only_after_yes(client: object) -> None:
    client.force_login(builders.user(Role.DISPATCHER))  # type: ignore[attr-defined]
    with (EXAMPLES / "asiakkaat.csv").open("rb") as handle:
        answer = client.post(reverse("orders:import-new"), {"kind": "customers", "file": handle})  # type: ignore[attr-defined]
    assert answer.status_code == 302
    page = client.get(answer["Location"])  # type: ignore[attr-defined]
    assert "Kahvila Pähkinä Oy" in page.content.decode()
    assert Customer.objects.count() == 0
    client.post(answer["Location"] + "apply/")  # type: ignore[attr-defined]
    assert Customer.objects.count() == 5
    assert client.post(answer["Location"] + "apply/").status_code == 404  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_task_type_names_survive_import() -> None:
    bring_in_examples()
    assert TaskType.objects.get(code="keittio").skills.count() == 2
