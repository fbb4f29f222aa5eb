"""docs/settings.md and the code say the same, in both directions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import global_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
SETTINGS = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "config/settings").glob("*.py")}
# Read by libraries and shells for us, so that no line of Python names them.
ELSEWHERE = {"DJANGO_SETTINGS_MODULE", "EMAIL_URL", "POSTGRES_PASSWORD"}
# Names of packages; what is neither Django's nor theirs is ours.
PACKAGES = ("ACCOUNT_", "AXES_", "MFA_", "WHITENOISE_", "PHONENUMBER_", "CONTENT_SECURITY_", "Q_")
# Django's, though it gives them no default.
DJANGO = {"ROOT_URLCONF", "EMAIL_FILE_PATH"}
FIRST_CELL = re.compile(r"^\| (`[^|]+) \|(.*)$", re.MULTILINE)


def section(page: str, heading: str) -> str:
    found = re.search(rf"^## {heading}.*?\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(page: str, heading: str) -> dict[str, str]:
    """Every name of the first column, with the rest of its row."""
    return {
        name: rest
        for cell, rest in FIRST_CELL.findall(section(page, heading))
        for name in re.findall(r"`(\w+)`", cell)
    }


def env_reads(source: str) -> Iterator[tuple[str, ast.expr | None]]:
    """(name, default) of every env(…), env.kind(…), os.environ.get(…) and os.environ[…]."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func)
            if re.fullmatch(r"env(\.\w+)?|os\.environ\.get|os\.getenv", called):
                name, *rest = node.args
                options = {k.arg: k.value for k in node.keywords}
                if isinstance(name, ast.Constant):
                    yield name.value, options.get("default", rest[0] if rest else None)
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node.value) == "os.environ"
        ):
            yield node.slice.value, None


def assigned(source: str) -> set[str]:
    """Names in capitals that a settings module assigns."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        found |= {x.id for x in targets if isinstance(x, ast.Name) and re.match("[A-Z]", x.id)}
    return found


def queue_keys(source: str) -> set[str]:
    """The keys of Q_CLUSTER, those of the nested dicts too."""
    return {
        key.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "Q_CLUSTER"
        for inner in ast.walk(node.value)
        if isinstance(inner, ast.Dict)
        for key in inner.keys
        if isinstance(key, ast.Constant)
    }


@cache
def read_by_program() -> dict[str, ast.expr | None]:
    folders = ("accounts", "workers", "orders", "dispatch", "billing", "reports", "core", "config")
    sources = [p for f in folders for p in sorted((ROOT / f).rglob("*.py"))]
    found: dict[str, ast.expr | None] = {}
    for path in (*sources, ROOT / "manage.py"):
        for name, default in env_reads(path.read_text(encoding="utf-8")):
            found[name] = found.get(name) or default
    return found


@cache
def read_by_tools() -> set[str]:
    """What tests, measuring and make read."""
    names = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        if path != Path(__file__)
        for name, _default in env_reads(path.read_text(encoding="utf-8"))
    }
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    return names | set(re.findall(r"^(\w+) \?=", make, re.MULTILINE)) | {"ARGS"}


def is_ours(name: str) -> bool:
    known = hasattr(global_settings, name) or name in DJANGO
    return not known and not name.startswith(PACKAGES)


def compare(
    page: str, settings: dict[str, str], program: set[str], tools: set[str]
) -> dict[str, set[str]]:
    """What stands on one side only, by section."""
    names = set().union(*map(assigned, settings.values()))
    told = {
        "program": set(rows(page, "Environment of the program")),
        "tools": set(rows(page, "Environment of building")),
        "ours": set(rows(page, "Settings of our own")),
        "queue": set(rows(page, "Settings of the queue")),
        "others": set(rows(page, "Settings of Django")),
    }
    real = {
        "program": program | ELSEWHERE,
        "ours": {name for name in names if is_ours(name)},
        "queue": set().union(*map(queue_keys, settings.values())),
        "others": {name for name in names if not is_ours(name)},
    }
    bench = {"ASKARE_BENCH_PYTHON"}
    real["program"] -= bench
    real["tools"] = (tools | bench) - real["program"]
    return {key: wrong for key in real if (wrong := told[key] ^ real[key])}


def test_page_and_code_name_the_same():
    assert compare(PAGE, SETTINGS, set(read_by_program()), read_by_tools()) == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('X_NEW = env("ASKARE_NEW", default="")', {"program": {"ASKARE_NEW"}, "ours": {"X_NEW"}}),
        ("USE_X_FORWARDED_HOST = True", {"others": {"USE_X_FORWARDED_HOST"}}),
        ('Q_CLUSTER = {"recycle": 5}', {"queue": {"recycle"}}),
    ],
)
def test_planted_setting_without_a_row_is_noticed(code: str, found: dict[str, set[str]]):
    """Negative control: code without a page."""
    program = {*read_by_program(), *(name for name, _ in env_reads(code))}
    assert compare(PAGE, SETTINGS | {"new.py": code}, program, read_by_tools()) == found


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("Environment of the program", "program"),
        ("Environment of building", "tools"),
        ("Settings of our own", "ours"),
        ("Settings of the queue", "queue"),
        ("Settings of Django", "others"),
    ],
)
def test_planted_row_without_code_is_noticed(heading: str, key: str):
    """Negative control: a page without code."""
    body = section(PAGE, heading)
    page = PAGE.replace(body, body.rstrip() + "\n| `ASKARE_GONE` | empty | nobody | x |\n\n")
    wrong = compare(page, SETTINGS, set(read_by_program()), read_by_tools())
    assert wrong == {key: {"ASKARE_GONE"}}


def shown(default: ast.expr) -> str | None:
    """A default as the page writes it; None for one that is reckoned from another setting."""
    try:
        value = ast.literal_eval(default)
    except ValueError:
        return None
    if value in ("", []):
        return "empty"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        value = [f"{key}={name}" for key, name in value.items()]
    return f"`{','.join(value)}`" if isinstance(value, list) else f"`{value}`"


def test_defaults_of_the_page_are_those_of_the_code():
    told = rows(PAGE, "Environment of the program")
    compared = 0
    for source in SETTINGS.values():
        for name, default in env_reads(source):
            if default is not None and (text := shown(default)) is not None:
                assert told[name].split("|")[0].strip().startswith(text), name
                compared += 1
    assert compared >= 15


def test_example_file_names_what_production_can_be_told():
    """Everything that settings read, and nothing else."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
    read = {name for source in SETTINGS.values() for name, _ in env_reads(source)}
    assert named ^ (read | {"DJANGO_SETTINGS_MODULE"}) == set()


def test_every_settings_name_in_code_is_on_the_page_or_djangos():
    told = {*rows(PAGE, "Settings of our own"), *rows(PAGE, "Settings of Django")}
    for folder in ("accounts", "workers", "orders", "dispatch", "billing", "reports", "core"):
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            for name in re.findall(r"\bsettings\.([A-Z][A-Z0-9_]+)", source):
                assert name in told or hasattr(global_settings, name), (path, name)
