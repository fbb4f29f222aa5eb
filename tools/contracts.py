"""Two contracts for import-linter that know a file by its name: a new file is inside by birth.

`ByName` orders the files of every slice; `Pure` keeps rules free of Django, the database, the clock
and settings. Neither holds a list of modules: what a file may import follows from its name.
pyproject.toml names both under `[tool.importlinter]`.
"""

from __future__ import annotations

from collections.abc import Iterator

import grimp
from importlinter import Contract, ContractCheck, fields, output

# What a file is called -> its floor. A file imports its own floor and those below. Any other name
# (texts, messages, receivers, …) imports at most services, and whoever imports it stands at least
# as high as what it reaches.
FLOORS = (
    ("models",),
    ("selectors", "access"),
    ("services",),
    ("forms", "tables"),
    ("views",),
    ("urls", "admin"),
)
# These put an app together, so they see all of it.
WIRING = ("apps", "commands")
SERVICES = 2
PURE_FILES = ("rules", "lifecycle")
# Django, what brings it along, databases and settings. That no pure file asks the clock is read
# from its source (tests/test_house.py).
NOT_PURE = ("django", "config", "allauth", "axes", "phonenumber_field", "psycopg", "sqlite3")
APP_ROOTS = ("core", "accounts", "workers", "orders", "dispatch", "billing", "coaching", "reports")


def floor_of(module: str) -> int | None:
    """Floor of a module by its own name or that of a folder around it; None for any other name."""
    for part in reversed(module.split(".")[1:]):
        if part in WIRING:
            return len(FLOORS)
        for floor, names in enumerate(FLOORS):
            if any(part == name or part.endswith(f"_{name}") for name in names):
                return floor
    return None


def _allowed(module: str) -> int:
    floor = floor_of(module)
    return SERVICES if floor is None else floor


def is_pure(module: str, folders: set[str]) -> bool:
    """Whether a module is a rule by its name, by a folder `rules`, or by a pure folder."""
    if any(module == folder or module.startswith(f"{folder}.") for folder in folders):
        return True
    parts = module.split(".")[1:]
    return any(part in PURE_FILES or part.endswith("_lifecycle") for part in parts)


class _Chains(Contract):
    """A contract whose findings are import chains from a module to one that it must not reach."""

    def render_broken_contract(self, check: ContractCheck) -> None:
        for chain in check.metadata["chains"]:
            output.print_error(" -> ".join(chain))
            output.new_line()


class ByName(_Chains):
    """No file reaches a higher floor, straight or through files that have no floor of their own."""

    type_name = "by_name"

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001, ARG002
        chains = [
            chain
            for module in sorted(graph.modules)
            if module.split(".")[0] in APP_ROOTS
            for chain in self._above(graph, module, _allowed(module))
        ]
        return ContractCheck(kept=not chains, metadata={"chains": chains})

    def _above(
        self, graph: grimp.ImportGraph, module: str, floor: int
    ) -> Iterator[tuple[str, ...]]:
        waiting: list[tuple[str, ...]] = [(module,)]
        seen = {module}
        while waiting:
            chain = waiting.pop()
            for target in sorted(graph.find_modules_directly_imported_by(chain[-1])):
                if target in seen or target.split(".")[0] not in APP_ROOTS:
                    continue
                seen.add(target)
                reached = floor_of(target)
                if reached is None:
                    waiting.append((*chain, target))
                elif reached > floor:
                    yield (*chain, target)


class Pure(_Chains):
    """A pure file imports the standard library, packages that know no Django, and pure files.

    Other modules of the project may be imported when they keep the same promise themselves.
    """

    type_name = "pure"

    folders = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001, ARG002
        pure_folders = {str(folder) for folder in self.folders}  # type: ignore[attr-defined]
        chains = []
        for module in sorted(graph.modules):
            if module.split(".")[0] in APP_ROOTS and is_pure(module, pure_folders):
                chain = self._impure(graph, module)
                if chain:
                    chains.append(chain)
        return ContractCheck(kept=not chains, metadata={"chains": chains})

    @staticmethod
    def _impure(graph: grimp.ImportGraph, module: str) -> tuple[str, ...]:
        """The first way from a module to Django or to the settings; empty when there is none."""
        waiting: list[tuple[str, ...]] = [(module,)]
        seen = {module}
        while waiting:
            chain = waiting.pop(0)
            for target in sorted(graph.find_modules_directly_imported_by(chain[-1])):
                root = target.split(".")[0]
                if root in NOT_PURE or root.startswith("django_"):
                    return (*chain, target)
                if root in APP_ROOTS and target not in seen:
                    seen.add(target)
                    waiting.append((*chain, target))
        return ()
