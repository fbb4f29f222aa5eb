"""A rule that stands twice is changed once: each constant and the CSV guard have one home."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pytest

from core.csv_safety import csv_bytes, safe_cell

ROOT = Path(__file__).parents[1]
NOT_PRODUCT = {"tests", "bench", "tools", "docs", "deploy", "static", "locale", "templates"}
# Constants that are equal in two modules and mean two things, or must be apart; each with the why.
APART = {
    "EARTH_KM": "the plan checker shares no code with the planner whose faults it has to find",
    "COACH": "a role in the planner's problem, and a change that would help in the ranking",
    **dict.fromkeys(
        ("DAY_MIN", "HOUR_S", "SATURDAY", "SUNDAY", "NBSP"),
        "the calendar, the clock and the alphabet: nobody decides them, so nobody changes them",
    ),
}
# The settings of each environment say for themselves what they switch on.
EACH_FOR_ITSELF = ROOT / "config" / "settings"


def product() -> Iterator[Path]:
    """Every Python file of the product, without migrations."""
    for folder in sorted(ROOT.iterdir()):
        if folder.is_dir() and folder.name not in NOT_PRODUCT and folder.name[0] not in "._":
            for file in sorted(folder.rglob("*.py")):
                if "migrations" not in file.parts and file.parent != EACH_FOR_ITSELF:
                    yield file


@lru_cache(maxsize=1_000)
def constants(source: str) -> tuple[tuple[str, str], ...]:
    return tuple(_constants(source))


def _constants(source: str) -> Iterator[tuple[str, str]]:
    """(name, value) of the constants of a module whose value is written out."""
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        target = node.target if isinstance(node, ast.AnnAssign) else target
        if target is None or node.value is None:
            continue
        names, values = [target], [node.value]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            names, values = target.elts, node.value.elts
        for name, value in zip(names, values, strict=False):
            word = name.id.strip("_") if isinstance(name, ast.Name) else ""
            if word.isupper() and len(word) > 2 and _says_something(value):
                yield word, ast.unparse(value)


def _says_something(value: ast.expr) -> bool:
    """A number, a text or what is made of them; not another name for something that has a home."""
    return any(isinstance(part, ast.Constant) for part in ast.walk(value))


def twice(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Constants with the same name and the same value in several modules."""
    homes: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for file, source in sources.items():
        for found in constants(source):
            homes[found].append(file)
    return {f"{name} = {value}": files for (name, value), files in homes.items() if len(files) > 1}


@lru_cache(maxsize=1)
def sources() -> dict[str, str]:
    return {str(f.relative_to(ROOT)): f.read_text(encoding="utf-8") for f in product()}


def test_each_constant_has_one_home() -> None:
    found = twice(sources())
    assert {k: v for k, v in found.items() if k.partition(" =")[0] not in APART} == {}


def test_every_exception_is_needed() -> None:
    names = {key.partition(" =")[0] for key in twice(sources())}
    assert names >= set(APART)


@pytest.mark.parametrize(
    "planted",
    [
        "PAGE_SIZE = 50\n",
        "_PAGE_SIZE = 50\n",
        "OTHER, PAGE_SIZE = 7, 50\n",
        "PAGE_SIZE: int = 50\n",
    ],
)
def test_a_second_home_is_found(planted: str) -> None:
    """Negative control, in each way that a constant is written."""
    assert twice(sources() | {"planted.py": planted}).get("PAGE_SIZE = 50") == [
        "core/paging.py",
        "planted.py",
    ]


# --------------------------------------------------------------------------- CSV

CSV_HOME = "core/csv_safety.py"


def csv_writers(files: Mapping[str, str]) -> list[str]:
    """Files that write CSV by themselves, past the guard against formulas."""
    found = []
    for file, source in files.items():
        for node in ast.walk(ast.parse(source)):
            called = isinstance(node, ast.Attribute) and node.attr in {"writer", "DictWriter"}
            taken = isinstance(node, ast.ImportFrom) and node.module == "csv"
            taken = taken and any(n.name in {"writer", "DictWriter"} for n in node.names)
            if taken or (called and ast.unparse(node.value) == "csv"):
                found.append(file)
    return found


def test_every_csv_goes_through_the_guard() -> None:
    assert csv_writers(sources()) == [CSV_HOME]


@pytest.mark.parametrize(
    "planted",
    [
        "import csv\ncsv.writer(out).writerow(row)\n",
        "from csv import writer\nwriter(out).writerow(row)\n",
        "import csv\ncsv.DictWriter(out, names)\n",
    ],
)
def test_a_second_csv_writer_is_found(planted: str) -> None:
    """Negative control."""
    assert "planted.py" in csv_writers(sources() | {"planted.py": planted})


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"), ("+358 40", "'+358 40"), ("-1+1", "'-1+1"), ("@a", "'@a"),
        ("\t=1", "'\t=1"), ("-12,50", "-12,50"), ("-7", "-7"), (-7, -7), ("Aino", "Aino"),
        ("-١", "'-١"), ("", ""),
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(cell: object, safe: object) -> None:
    assert safe_cell(cell) == safe


def test_a_file_has_a_mark_semicolons_and_safe_cells() -> None:
    assert csv_bytes([["Päivä", "=1"], [3, "a;b"]]) == '\ufeffPäivä;\'=1\r\n3;"a;b"\r\n'.encode()


# --------------------------------------------------------------------------- messages

MESSAGES = "core/messages.py"


def calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    """Calls by the full name of what is called, whatever name it was imported by."""
    tree = ast.parse(source)
    origin: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            origin |= {(n.asname or n.name): f"{node.module}.{n.name}" for n in node.names}
        elif isinstance(node, ast.Import):
            origin |= {n.asname: n.name for n in node.names if n.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            first, dot, rest = ast.unparse(node.func).partition(".")
            yield origin.get(first, first) + dot + rest, node


def message_writers(files: Mapping[str, str]) -> list[str]:
    """Files that write into the outbox or name a template of a message."""
    found = set()
    for file, source in files.items():
        if any(name == "core.outbox.enqueue" for name, _ in calls(source)):
            found.add(file)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and str(node.value).startswith("messages/"):
                found.add(file)
    return sorted(found)


def message_senders(files: Mapping[str, str]) -> list[str]:
    """Files that send words to somebody."""
    return [f for f, s in files.items() if any(n == "core.messages.send" for n, _ in calls(s))]


def test_every_message_goes_through_one_door() -> None:
    assert message_writers(sources()) == [MESSAGES]


def test_what_a_slice_tells_stands_in_its_messages() -> None:
    senders = message_senders(sources())
    assert len(senders) > 5
    assert {Path(file).name for file in senders} == {"messages.py"}


@pytest.mark.parametrize(
    "planted",
    [
        "from core import outbox\noutbox.enqueue('k')\n",
        "from core import outbox as box\nbox.enqueue('k')\n",
        "from core.outbox import enqueue as put\nput('k')\n",
        "import core.outbox\ncore.outbox.enqueue('k')\n",
        "text = render_to_string('messages/invoice.txt', context)\n",
        "text = render_to_string(f'messages/{kind}.txt', context)\n",
    ],
)
def test_a_second_writer_of_messages_is_found(planted: str) -> None:
    """Negative control."""
    assert "planted.py" in message_writers(sources() | {"planted.py": planted})


@pytest.mark.parametrize(
    "planted",
    [
        "from core import messages\nmessages.send(to, 'x', {})\n",
        "from core.messages import send as tell\ntell(to, 'x', {})\n",
    ],
)
def test_a_sender_with_another_name_is_found(planted: str) -> None:
    """Negative control."""
    assert "planted.py" in message_senders({"planted.py": planted})


# --------------------------------------------------------------------------- fields, days, cookies

# What a person types into, and what only core/fields.py may build on: the same wrong value then
# gets the same words on every form.
INPUT_BASES = {"Field", "Input", "Select", "Textarea", "Widget"}
RAW_INPUTS = {"DateInput", "DateTimeInput", "SplitDateTimeWidget"}
RAW_PHONE = "phonenumber_field.formfields"


def input_classes(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Names of form fields and widgets that more than one module defines."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for file, source in files.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and any(_is_input(base) for base in node.bases):
                homes[node.name.strip("_")].append(file)
    return {name: found for name, found in homes.items() if len(found) > 1}


def _is_input(base: ast.expr) -> bool:
    last = ast.unparse(base).rpartition(".")[2]
    return last != "Field" and any(last.endswith(word) for word in INPUT_BASES)


def raw_inputs(files: Mapping[str, str]) -> list[str]:
    """Files that build a date or phone field of their own instead of taking it from core."""
    found = set()
    for file, source in files.items():
        for node in ast.walk(ast.parse(source)):
            taken = isinstance(node, ast.Attribute) and node.attr in RAW_INPUTS
            taken = taken and ast.unparse(node.value) in {"forms", "widgets"}
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            names = {n.name for n in node.names} if isinstance(node, ast.ImportFrom) else set()
            django = str(module).startswith("django.forms") and names & RAW_INPUTS
            if taken or module == RAW_PHONE or django:
                found.add(file)
    return sorted(found)


def day_makers(files: Mapping[str, str]) -> list[str]:
    """Files that make Helsinki's date of an instant, or its zone, by themselves."""
    found = set()
    for file, source in files.items():
        for name, node in calls(source):
            zone = name.endswith("ZoneInfo") and "'Europe/Helsinki'" in ast.unparse(node)
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            on = name.endswith(".date") and isinstance(inner, ast.Call)
            if zone or (on and ast.unparse(inner).endswith(".astimezone(HELSINKI)")):
                found.add(file)
    return sorted(found)


def cookie_writers(files: Mapping[str, str]) -> dict[str, str]:
    """File and name of each cookie that is written."""
    return {
        f"{file}:{node.lineno}": ast.unparse(node.args[0]) if node.args else ""
        for file, source in files.items()
        for name, node in calls(source)
        if name.endswith(("set_cookie", "set_signed_cookie"))
    }


def test_each_field_and_widget_has_one_home() -> None:
    assert input_classes(sources()) == {}
    assert raw_inputs(sources()) == ["core/fields.py"]


@pytest.mark.parametrize(
    "planted",
    [
        "class ClockField(forms.CharField):\n    pass\n",
        "class DateInput(widgets.Input):\n    pass\n",
        "def form():\n    class _EuroField(DecimalField):\n        pass\n",
    ],
)
def test_a_second_field_of_that_name_is_found(planted: str) -> None:
    """Negative control."""
    [found] = input_classes(sources() | {"planted.py": planted}).values()
    assert found == ["core/fields.py", "planted.py"]


@pytest.mark.parametrize(
    "planted",
    [
        "day = forms.DateField(widget=forms.DateInput(attrs={'type': 'date'}))\n",
        "from django.forms import DateInput\n",
        "from phonenumber_field.formfields import PhoneNumberField\n",
    ],
)
def test_a_field_past_the_ground_is_found(planted: str) -> None:
    """Negative control."""
    assert raw_inputs({"planted.py": planted}) == ["planted.py"]


def test_the_day_of_an_instant_is_made_in_one_place() -> None:
    assert day_makers(sources()) == ["core/zone.py"]
    assert [file for file, text in sources().items() if "def local_date(" in text] == [
        "core/zone.py"
    ]


@pytest.mark.parametrize(
    "planted",
    [
        "today = now.astimezone(HELSINKI).date()\n",
        "OURS = ZoneInfo('Europe/Helsinki')\n",
        "import zoneinfo\nOURS = zoneinfo.ZoneInfo(key='Europe/Helsinki')\n",
    ],
)
def test_a_second_maker_of_days_is_found(planted: str) -> None:
    """Negative control."""
    assert day_makers({"planted.py": planted}) == ["planted.py"]


def test_each_cookie_is_written_in_one_place() -> None:
    """How safe a cookie is must not depend on the page that writes it."""
    names = cookie_writers(sources())
    assert {place.partition(":")[0]: name for place, name in names.items()} == {
        "accounts/middleware.py": "settings.LANGUAGE_COOKIE_NAME",
        "core/tables.py": "_cookie(request)",
    }
    assert len(names) == 2


def test_a_second_writer_of_a_cookie_is_found() -> None:
    """Negative control."""
    planted = {"planted.py": "answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, 'sv')\n"}
    assert cookie_writers(planted) == {"planted.py:1": "settings.LANGUAGE_COOKIE_NAME"}


# --------------------------------------------------------------------------- names of the ground


def taken_from_the_ground(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Names that two modules of core give to different values."""
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for file, source in files.items():
        if file.startswith("core/"):
            for name, _ in constants(source):
                homes[name].add(file)
    return {name: sorted(found) for name, found in homes.items() if len(found) > 1}


def test_a_constant_of_the_ground_means_one_thing() -> None:
    assert taken_from_the_ground(sources()) == {}


def test_a_second_meaning_on_the_ground_is_found() -> None:
    """Negative control: whoever imports it from the other module gets another length of a page."""
    planted = {"core/planted.py": "PAGE_SIZE = 25\n"}
    found = taken_from_the_ground(sources() | planted)
    assert found == {"PAGE_SIZE": ["core/paging.py", "core/planted.py"]}
