"""docs/architecture.md names what is there: files, functions, slices, signals, schedules, kinds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module, util
from pathlib import Path

import pytest
from django.dispatch import Signal

from core import outbox, tasks
from tools.contracts import FLOORS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
APPS = ("core", "accounts", "workers", "orders", "dispatch", "billing", "reports")
# Folders of an app that are no slices.
NO_SLICE = {"migrations", "management", "templatetags", "data", "__pycache__"}
# A file or a folder, and after a colon what stands in it.
NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)(?:: (\w+))?`")


# --------------------------------------------------------------------------- names


def named(page: str) -> Iterator[tuple[str, str]]:
    """(path, function or class) of each name on the page that has a slash."""
    for path, name in NAMED.findall(page):
        if "/" in path:
            yield path, name


@cache
def names_in(path: Path) -> frozenset[str]:
    """What a module defines at its top."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return frozenset(found)


@cache
def modules() -> tuple[Path, ...]:
    return tuple(path for app in APPS for path in sorted((ROOT / app).rglob("*.py")))


def _instead(found: Iterable[Path]) -> str:
    return ", ".join(str(path.relative_to(ROOT)) for path in found) or "nowhere else"


def wrong(page: str) -> list[str]:
    """Each name of the page that leads nowhere, and where its like stands now."""
    lost = []
    for path, name in dict.fromkeys(named(page)):
        target = ROOT / path
        if name and not (target.is_file() and name in names_in(target)):
            like = _instead(m for m in modules() if name in names_in(m))
            lost.append(f"{path}: {name} (found in {like})")
        elif not target.exists() or (path.endswith("/") and not target.is_dir()):
            like = _instead(m for m in modules() if m.name == target.name)
            lost.append(f"{path} (found: {like})")
    return lost


def test_every_file_and_function_that_is_named_exists() -> None:
    assert wrong(PAGE) == []
    assert len(set(named(PAGE))) > 150


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("`orders/rooms.py`", "orders/rooms.py (found: nowhere else)"),
        ("`billing/barcode.py`", "billing/barcode.py (found: billing/rules/barcode.py)"),
        ("`billing/gifts/`", "billing/gifts/ (found: nowhere else)"),
        ("`core/money.py/`", "core/money.py/ (found: core/money.py)"),
        (
            "`orders/rules/vat_treatment.py: vat_breakdown`",
            "orders/rules/vat_treatment.py: vat_breakdown (found in billing/rules/vat.py)",
        ),
    ],
)
def test_planted_wrong_name_is_found(planted: str, found: str) -> None:
    """Negative control."""
    assert wrong(f"Prices are made in {planted}.")[0].startswith(found.rstrip(")"))


def other_pages() -> list[Path]:
    """Pages of the project; the changelog tells of files as they were."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return [page for page in found if page.name != "CHANGELOG.md"]


def lost_on(page: Path, text: str) -> list[str]:
    """Names that lead nowhere, and links to files that are not there."""
    folders = {folder.name for folder in ROOT.iterdir() if folder.is_dir()}
    names = [name for name in wrong(text) if name.split("/")[0] in folders]
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    return names + [link for link in links if not (page.parent / link).exists()]


def test_other_pages_name_what_is_there() -> None:
    found = {
        str(page.relative_to(ROOT)): lost
        for page in other_pages()
        if (lost := lost_on(page, page.read_text(encoding="utf-8")))
    }
    assert found == {}
    assert len(other_pages()) > 30


def test_planted_fault_on_another_page_is_found() -> None:
    """Negative control."""
    text = (
        "See `billing/barcode.py`, `text/html`, [settings](docs/setting.md) and [x](https://x.y/z)."
    )
    assert lost_on(ROOT / "README.md", text) == [
        "billing/barcode.py (found: billing/rules/barcode.py)",
        "docs/setting.md",
    ]


def test_links_lead_to_files_and_headings() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lower()).strip().replace(" ", "-")
        for line in re.findall(r"^##+ (.*)$", PAGE, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        file, _, heading = target.partition("#")
        assert (ROOT / "docs" / file).exists(), target
        assert not heading or heading in headings, target


# --------------------------------------------------------------------------- rooms


def section(page: str, title: str) -> str:
    """The text below a heading of the second level."""
    found = page.split(f"\n## {title}\n", 1)
    assert len(found) == 2, f"no section {title}"
    return found[1].split("\n## ", 1)[0]


def slices() -> list[str]:
    """Every folder of an app that holds code, by the tree."""
    return [
        f"{app}/{folder.name}/"
        for app in APPS
        if app != "core"
        for folder in sorted((ROOT / app).iterdir())
        if folder.is_dir() and folder.name not in NO_SLICE and any(folder.glob("*.py"))
    ]


def rooms_without_row(page: str) -> list[str]:
    rooms = section(page, "Rooms")
    expected = [*(f"{app}/" for app in APPS), *slices()]
    return [room for room in expected if f"`{room}`" not in rooms]


def slices_without_question(page: str) -> list[str]:
    questions = section(page, "Where is the rule that …")
    answers = re.findall(r"^\| [^|]+\? \| `([^`]+)` \|$", questions, re.MULTILINE)
    assert len(answers) >= 20
    return [room for room in slices() if not any(answer.startswith(room) for answer in answers)]


def test_every_app_and_slice_is_a_room_with_a_question() -> None:
    assert rooms_without_row(PAGE) == []
    assert slices_without_question(PAGE) == []
    assert len(slices()) > 25


@pytest.mark.parametrize("room", ["billing/dunning/", "orders/prices/", "reports/operations/"])
def test_room_that_the_page_forgets_is_found(room: str) -> None:
    """Negative control."""
    page = PAGE.replace(room, "elsewhere/")
    assert rooms_without_row(page) == [room]
    assert slices_without_question(page) == [room]


def test_files_of_a_slice_are_those_of_the_contracts() -> None:
    rows = section(PAGE, "The files of a slice")
    assert {name for floor in FLOORS for name in floor} <= set(re.findall(r"`(\w+)`", rows))


# --------------------------------------------------------------------------- lists


def first_cells(page: str, title: str) -> list[str]:
    """The first cell of each row of a section's table."""
    return re.findall(r"^\| (`[^|]+) \|", section(page, title), re.MULTILINE)


def signals() -> set[str]:
    found = set()
    for app in APPS:
        if util.find_spec(f"{app}.signals"):
            module = import_module(f"{app}.signals")
            found |= {
                f"`{app}/signals.py: {name}`"
                for name, value in vars(module).items()
                if isinstance(value, Signal)
            }
    return found


def every(timetable: tasks.Timetable) -> str:
    """How the page says a schedule."""
    if timetable.cron:
        minute, hour, *rest = timetable.cron.split()
        assert rest == ["*", "*", "*"], timetable
        return f"at {hour}.{int(minute):02}"
    special = {1: "every minute", 60: "every hour"}
    return special.get(timetable.minutes or 0, f"every {timetable.minutes} minutes")


def schedules() -> set[tuple[str, str, str]]:
    found = set()
    for name, timetable in tasks._timetables.items():
        module, _, function = timetable.func.rpartition(".")
        found.add((name, every(timetable), f"{module.replace('.', '/')}.py: {function}"))
    return found


def kinds() -> set[str]:
    """Kinds of messages: those with words, and those that carry a file."""
    words = {path.stem for path in (ROOT / "templates/messages").glob("*.txt")}
    return words | set(outbox._carriers) | set(outbox._attachments)


def documented_kinds(page: str) -> set[str]:
    cells = first_cells(page, "Message kinds")
    return {word.removesuffix(".txt") for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_signal_is_listed() -> None:
    assert set(first_cells(PAGE, "Signals")) == signals()
    assert len(signals()) > 3


def test_every_schedule_is_listed() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \| ([^|]+) \| `([^`]+)` \|$", section(PAGE, "Schedules"), re.MULTILINE
    )
    assert set(rows) == schedules()
    assert len(rows) > 5


def test_every_message_kind_is_listed() -> None:
    assert documented_kinds(PAGE) == kinds()
    assert len(kinds()) > 20


def test_forgotten_row_of_a_list_is_found() -> None:
    """Negative control, one for each list."""
    lines = PAGE.splitlines()
    for start in ("| `orders/signals.py: order_moved`", "| `heartbeat`", "| `worker_late`"):
        page = "\n".join(line for line in lines if not line.startswith(start))
        lists = ("Signals", "Schedules", "Message kinds")
        assert sum(len(first_cells(PAGE, x)) - len(first_cells(page, x)) for x in lists) == 1
