"""Code that the product never reaches: what only tests use, or nobody.

    python tools/dead_code.py      name it, and fail when there is any

A function, class, method or constant is in use when its name stands anywhere else in the product:
in code, in a string (schedules and settings name functions so) or in a tag of a template. A module
is in use when another one imports it or names it. Tests do not count. A name that two things share
counts for both, so this finds less than there is and hardly ever too much.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# Of bench/ and tools/ everything is started by hand.
STARTED = {"bench", "tools"}
NOT_PRODUCT = {"tests", "docs", "deploy", "static", "locale", "templates", "data", "requirements"}
WORD = re.compile(r"[A-Za-z_]\w*")
TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
# Found by a package by their place alone.
FOUND_BY_PLACE = (
    "*/__init__.py", "*/apps.py", "*/admin.py", "*/migrations/*", "*/management/commands/*.py",
    "*/templatetags/*.py", "core/sqlite3/base.py", "config/*", "manage.py", "gunicorn.conf.py",
)  # fmt: skip
# A name that a package calls, or an operator writes into the settings -> who that is.
CALLED_FROM_OUTSIDE = {
    "Meta": "Django: options of a model or form",
    "Command": "Django: a command of manage.py",
    "add_arguments": "Django: a command of manage.py",
    "DatabaseWrapper": "Django: a database backend",
    "app_name": "Django: the name before the colon of an address",
    "handler500": "Django: the page of an error",
    "*Config": "Django: an app",
    "clean_*": "Django: one field of a form",
    "has_*_permission": "Django: the settings pages",
    "get_readonly_fields": "Django: the settings pages",
    "delete_queryset": "Django: the settings pages",
    "get_by_natural_key": "Django: signing in",
    "create_superuser": "Django: manage.py createsuperuser",
    "get_full_name": "Django: the name of a user",
    "prepare_value": "Django: a form field shows its value",
    "has_changed": "Django: a form field",
    "connection_class": "Django: its mail backend asks which class to open",
    "create_cursor": "Django: a database backend",
    "as_sqlite": "Django: SQL of an expression on SQLite",
    "as_postgresql": "Django: SQL of an expression on PostgreSQL",
    "table_to_dataset": "django-tables2: rows of an export",
    "is_open_for_signup": "allauth: its adapter",
    "render_broken_contract": "import-linter: what a contract says",
    "post_worker_init": "gunicorn: a worker has begun",
    "QUERIES": "tests: so many queries a docstring promises at most",
    "*_BIRTHS": "tests: how a row of a lifecycle may begin",
    "HttpBackend": "operators: ASKARE_EINVOICE_BACKEND",
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Defined(NamedTuple):
    name: str
    line: int


def _python(path: str) -> bool:
    return path.endswith(".py")


def _docstrings(tree: ast.AST) -> set[int]:
    """Constants that are prose: what a docstring names is not used."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
    return found


def _is_registered(node: Function | ast.ClassDef) -> bool:
    """A decorator of a package hands it on: a receiver, a filter, a page of the settings."""
    names = [ast.unparse(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list]
    return any(re.search(r"register|receiver|simple_tag|filter", name) for name in names)


def defined(tree: ast.Module) -> Iterator[Defined]:
    """Functions, classes and methods at any depth, and constants of the module."""
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef) and not _is_registered(node):
            yield Defined(node.name, node.lineno)
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or _registers(node.value):
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    yield Defined(name.id, node.lineno)


def _registers(value: ast.expr | None) -> bool:
    """Handed to a registry, which is the use of it."""
    calls = [n for n in ast.walk(value) if isinstance(n, ast.Call)] if value else []
    return any(ast.unparse(call.func).rpartition(".")[2] == "register" for call in calls)


def used(tree: ast.Module) -> Counter[str]:
    """How often a module uses each name; what a function calls itself by does not count."""
    prose, found = _docstrings(tree), Counter[str]()

    def walk(node: ast.AST, inside: frozenset[str]) -> None:
        if isinstance(node, Function | ast.ClassDef):
            inside |= {node.name}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.update({node.id} - inside)
        elif isinstance(node, ast.Attribute):
            # A method that calls the one it replaces is called by a package.
            found.update({node.attr} - (frozenset() if _is_super(node.value) else inside))
        elif isinstance(node, ast.ImportFrom):
            # Under another name it is that other name which is used; ruff sees when it is not.
            found.update(alias.name for alias in node.names if alias.asname)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(WORD.findall(node.value) if id(node) not in prose else [])
        elif isinstance(node, ast.Assign) and _names_exports(node):
            return
        for child in ast.iter_child_nodes(node):
            walk(child, inside)

    walk(tree, frozenset())
    return found


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "super"


def _names_exports(node: ast.Assign) -> bool:
    return any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)


def imported(tree: ast.Module) -> set[str]:
    """Modules that a module imports, or may: `from a import b` names a and a.b."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and re.fullmatch(r"\w+(\.\w+)+", str(node.value)):
            # The path of a module, or of a function or class: then its module is all but the last.
            found |= {str(node.value), str(node.value).rpartition(".")[0]}
    return found


def dead(
    files: Mapping[str, str], outside: Iterable[str] = tuple(CALLED_FROM_OUTSIDE)
) -> list[str]:
    """`file:line name` of what nobody uses; files that are not Python only use names."""
    uses: Counter[str] = Counter()
    reached: set[str] = set()
    trees = {path: ast.parse(text) for path, text in files.items() if _python(path)}
    for path, text in files.items():
        if path in trees:
            uses += used(trees[path])
            reached |= imported(trees[path])
        else:
            uses.update(WORD.findall(" ".join(TAG.findall(text)) if "templates" in path else text))
    found = []
    for path, tree in sorted(trees.items()):
        module = path.removesuffix(".py").replace("/", ".")
        by_place = any(fnmatch(path, pattern) for pattern in FOUND_BY_PLACE)
        if not by_place and path.split("/")[0] not in STARTED and module not in reached:
            found.append(f"{path}: no module imports it")
        if path.startswith("config/settings/"):
            continue
        found += [
            f"{path}:{line}: {name}"
            for name, line in defined(tree)
            if not uses[name] and not _from_outside(name, outside)
        ]
    return found


def _from_outside(name: str, patterns: Iterable[str]) -> bool:
    dunder = name.startswith("__") and name.endswith("__")
    return dunder or any(fnmatch(name, pattern) for pattern in patterns)


def product() -> dict[str, str]:
    """Every source and template of the product, and the settings that name classes of tools."""
    folders = [f for f in ROOT.iterdir() if f.is_dir() and f.name[0] not in "._"]
    paths: Iterable[Path] = [
        *(p for f in folders if f.name not in NOT_PRODUCT for p in f.rglob("*.py")),
        *(p for p in (ROOT / "templates").rglob("*") if p.is_file()),
        *ROOT.glob("*.py"),
        ROOT / "pyproject.toml",
    ]
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in paths
        # This file names what it leaves alone, which is no use of it.
        if "migrations" not in path.parts and path != Path(__file__).resolve()
    }


if __name__ == "__main__":
    lines = dead(product())
    sys.stdout.write("".join(f"{line} (nothing but tests uses it)\n" for line in lines))
    sys.exit(bool(lines))
