"""The check for code that nobody uses finds it, and leaves alone what is reached by another way."""

from __future__ import annotations

from fnmatch import fnmatch

import pytest

from tools import dead_code

USED = {
    "billing/rules/vat.py": "def net(gross):\n    return gross\n",
    "billing/views.py": "from billing.rules import vat\nfrom billing import views\nvat.net(1)\n",
}


def dead(planted: str, *more: str) -> list[str]:
    """What is dead in a module that somebody imports, and in modules or templates beside it."""
    files = USED | {"billing/planted.py": planted, "billing/apps.py": "import billing.planted\n"}
    files |= {f"billing/migrations/more{n}.py": text for n, text in enumerate(more)}
    return [line.removeprefix("billing/planted.py:") for line in dead_code.dead(files)]


def test_nothing_is_said_of_code_in_use() -> None:
    assert dead_code.dead(USED) == []


@pytest.mark.parametrize(
    "planted",
    [
        "def lonely():\n    return 1\n",
        "async def lonely():\n    return 1\n",
        "class lonely:\n    pass\n",
        "lonely = 3\n",
        "lonely: int = 3\n",
        "def lonely():\n    return lonely()\n",
        'def lonely():\n    """`lonely` gives one."""\n',
        "def lonely():\n    return 1\n\n__all__ = ['lonely']\n",
    ],
)
def test_planted_name_that_nobody_uses_is_found(planted: str) -> None:
    """Negative control, in each way that a name is defined."""
    assert dead(planted) == ["1: lonely"]


def test_planted_method_and_what_only_an_import_names_are_found() -> None:
    planted = "class Used:\n    def lonely(self):\n        return self.lonely()\nUsed()\n"
    assert dead(planted) == ["2: lonely"]
    assert dead("def lonely():\n    pass\n", "from billing.planted import lonely\n") == [
        "1: lonely"
    ]


@pytest.mark.parametrize(
    ("planted", "user"),
    [
        ("def once():\n    pass\n", "from billing.planted import once\nonce()\n"),
        ("def once():\n    pass\n", "from billing.planted import once as twice\ntwice()\n"),
        ("def once():\n    pass\n", "schedule('billing.planted.once')\n"),
        ("def once():\n    pass\n", "from billing import planted\nplanted.once()\n"),
        ("once = register(Guard())\n", ""),
        ("once = tuple(register(g) for g in (1, 2))\n", ""),
        ("@receiver(changed)\ndef once(**_):\n    pass\n", ""),
        ("class A(B):\n    def once(self):\n        super().once()\nA()\n", ""),
    ],
)
def test_what_is_reached_by_another_way_is_left_alone(planted: str, user: str) -> None:
    assert dead(planted, user) == []


def test_tags_of_templates_use_names_and_their_text_does_not() -> None:
    planted = {"billing/planted.py": "def lonely():\n    pass\n", "billing/apps.py": ""}
    files = USED | planted | {"billing/tasks.py": "import billing.planted, billing.tasks\n"}
    assert dead_code.dead(files | {"templates/a.html": "{{ row.lonely }}"}) == []
    assert len(dead_code.dead(files | {"templates/a.html": "<p>lonely</p>"})) == 1


def test_module_that_only_tests_import_is_found() -> None:
    """Its functions use each other, so no name alone says that it is dead."""
    planted = {"billing/alone.py": "def once():\n    return again()\ndef again():\n    once()\n"}
    assert dead_code.dead(USED | planted) == ["billing/alone.py: no module imports it"]
    named = {"billing/apps.py": "schedule('billing.alone.once')\n"}
    assert dead_code.dead(USED | planted | named) == []


def test_every_exception_is_needed() -> None:
    found = {line.rpartition(" ")[2] for line in dead_code.dead(dead_code.product(), outside=())}
    for pattern in dead_code.CALLED_FROM_OUTSIDE:
        assert any(fnmatch(name, pattern) for name in found), pattern
