"""The walls stand: contracts find planted breaches, and no app names what is above it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.contracts import is_pure

ROOT = Path(__file__).parents[1]
# From the ground up: an app may know those before it.
APPS = ("core", "accounts", "workers", "orders", "dispatch", "billing", "coaching", "reports")
NAMED = re.compile(rf"\b({'|'.join(APPS)})[:./]([a-z_][\w-]*)")
# Folders of templates with another name than their app has.
FRAME = {"account": "accounts", "allauth": "accounts"}
STATUS = re.compile(r"""(?:status|state|kind)\s*(?:==|!=|=|\bin\b)\s*\(?["']([a-z_]+)["']""")


# --------------------------------------------------------------------------- contracts


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources alone, to plant breaches in."""
    house = tmp_path_factory.mktemp("house")
    for app in (*APPS, "config", "tools"):
        if (ROOT / app).is_dir():
            shutil.copytree(
                ROOT / app, house / app, ignore=shutil.ignore_patterns("__pycache__", "data")
            )
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


def broken(house: Path) -> str:
    """What import-linter says; empty when every contract is kept."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "400"},
    )
    return "" if done.returncode == 0 else done.stdout


def test_contracts_are_kept(copy_of_the_house: Path) -> None:
    assert broken(copy_of_the_house) == ""


@pytest.mark.parametrize(
    ("file", "line", "named"),
    [
        ("billing/payroll/subsidy.py", "from reports.operations import views", "reports"),
        ("billing/payroll/subsidy.py", "from billing.hours import views", "billing.hours.views"),
        ("dispatch/plans/repair.py", "from dispatch.board import views", "dispatch.board.views"),
        ("dispatch/plans/repair.py", "from dispatch.office import forms", ".plans -> .office"),
        ("billing/rules/bank_csv.py", "from django.utils import timezone", "django"),
        ("dispatch/rules/quiet_hours.py", "from django.utils import timezone", "django"),
        ("billing/rules/vat.py", "from core import clock", "core.clock"),
        ("billing/rules/vat.py", "import sqlite3", "sqlite3"),
        ("billing/rules/vat.py", "import phonenumber_field", "phonenumber_field"),
        ("orders/models/lifecycle.py", "from django.conf import settings", "django"),
        ("core/money.py", "from accounts import access", "accounts"),
        ("dispatch/planning/week.py", "from orders.models import lifecycle", "orders"),
        ("orders/models/orders.py", "from orders.ordering import selectors", "selectors"),
    ],
)
def test_planted_import_breaks_a_contract(
    copy_of_the_house: Path, file: str, line: str, named: str
) -> None:
    """Negative control: each wall sees its breach."""
    path = copy_of_the_house / file
    before = path.read_text(encoding="utf-8")
    path.write_text(before + f"\n{line}\n", encoding="utf-8")
    try:
        assert named in broken(copy_of_the_house)
    finally:
        path.write_text(before, encoding="utf-8")


def test_new_file_is_inside_the_contracts_by_birth(copy_of_the_house: Path) -> None:
    """Negative control: a file that nobody listed anywhere is held by its name."""
    new = copy_of_the_house / "billing" / "gifts"
    new.mkdir()
    (new / "__init__.py").touch()
    (new / "selectors.py").write_text("from billing.invoices import services\n")
    (new / "rules.py").write_text("from core import clock\n")
    try:
        found = broken(copy_of_the_house)
        assert "billing.gifts.selectors -> billing.invoices.services" in found
        assert "billing.gifts.rules -> core.clock" in found
    finally:
        shutil.rmtree(new)


# --------------------------------------------------------------------------- the clock


CLOCK = re.compile(r"\.(now|today|utcnow)\(|\btime\.time\(|\bimport_module\(")


def pure_files() -> Iterator[Path]:
    """Every file that the contract of pure files holds."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    [folders] = [c["folders"] for c in contracts if c["type"] == "pure"]
    for app, path in sources():
        if path.suffix == ".py":
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if app in APPS and is_pure(module, set(folders)):
                yield path


def test_no_pure_file_asks_the_clock_or_imports_unseen() -> None:
    files = list(pure_files())
    assert ROOT / "billing" / "rules" / "vat.py" in files
    assert ROOT / "core" / "money.py" in files
    found = {str(p.relative_to(ROOT)): CLOCK.findall(p.read_text()) for p in files}
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "line", ["on = datetime.now(UTC)", "on = date.today()", "at = time.time()", "import_module(x)"]
)
def test_planted_clock_is_found(line: str) -> None:
    """Negative control."""
    assert CLOCK.search(line)


# --------------------------------------------------------------------------- strings


def sources() -> Iterator[tuple[str, Path]]:
    """Each source or template with the app that owns it."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield app, path
    for path in sorted((ROOT / "templates").rglob("*.*")):
        folder = path.relative_to(ROOT / "templates").parts[0]
        yield FRAME.get(folder, folder if folder in APPS else "core"), path


def names_above(app: str, text: str) -> list[str]:
    """Addresses, files and modules of apps above `app` that a source names, imports left out."""
    found = []
    for line in text.splitlines():
        if line.lstrip().startswith(("from ", "import ")):
            continue
        found += [
            match.group(0)
            for match in NAMED.finditer(line)
            if APPS.index(match.group(1)) > APPS.index(app) and not _attribute(line, match)
        ]
    return found


def _attribute(line: str, match: re.Match[str]) -> bool:
    """A variable of that name, for example `billing.place`: no module or address is meant."""
    quoted = line[: match.start()].count('"') % 2 or line[: match.start()].count("'") % 2
    return match.group(0)[len(match.group(1))] == "." and not quoted and "`" not in line


def test_no_app_names_what_stands_above_it() -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for app, path in sources()
        if (names := names_above(app, path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        'return redirect("billing:order-page", ref)',
        "<a href=\"{% url 'billing:hours' %}\">",
        'schedule("x", "billing.tasks.remind_of_hours", minutes=5)',
        "# see billing/hours/services.py",
        "{% include 'billing/hours/_months.html' %}",
    ],
)
def test_planted_name_of_a_higher_app_is_found(line: str) -> None:
    """Negative control."""
    assert names_above("orders", line)
    assert not names_above("reports", line)


def lifecycle_values() -> dict[str, str]:
    """Status words that exactly one app's lifecycle has, with that app."""
    owners: dict[str, set[str]] = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*lifecycle.py"):
            for value in re.findall(r'^    [A-Z_]+ = "([a-z_]+)"$', path.read_text(), re.M):
                owners.setdefault(value, set()).add(app)
    return {value: apps.pop() for value, apps in owners.items() if len(apps) == 1}


def statuses_above(app: str, text: str, owners: dict[str, str]) -> list[str]:
    """Status words of higher apps that a source compares something with."""
    return [
        value
        for value in STATUS.findall(text)
        if value in owners and APPS.index(owners[value]) > APPS.index(app)
    ]


def test_no_app_asks_for_a_status_of_an_app_above_it() -> None:
    owners = lifecycle_values()
    assert owners["on_site"] == "dispatch"
    assert owners["disputed"] == "billing"
    found = {
        str(path.relative_to(ROOT)): values
        for app, path in sources()
        if (values := statuses_above(app, path.read_text(encoding="utf-8"), owners))
    }
    assert found == {}


def test_planted_status_of_a_higher_app_is_found() -> None:
    """Negative control."""
    owners = lifecycle_values()
    assert statuses_above("orders", '{% if row.status == "on_site" %}', owners) == ["on_site"]
    assert statuses_above("billing", '{% if row.status == "on_site" %}', owners) == []
