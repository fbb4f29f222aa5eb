"""Skills as files name them: by their Finnish name or code."""

from __future__ import annotations

import uuid

from orders.imports.kinds.base import ORDER_KEYS
from orders.models import TaskType
from workers.models import Skill, Worker


def skill_names(row: Worker | TaskType) -> frozenset[str]:
    """Finnish names of the skills of a row, to compare with those of a file."""
    return frozenset(s.name_fi.casefold() for s in row.skills.all())


def skill_called(name: str) -> Skill:
    """Skill by its Finnish name or code, made when it is new."""
    row = Skill.objects.filter(name_fi__iexact=name).first()
    if row is None:
        # SQLite compares case only for ASCII, so "Ä" needs Python's own comparison.
        row = next(
            (s for s in Skill.objects.all() if s.name_fi.casefold() == name.casefold()), None
        )
    if row is None:
        title = name[:1].upper() + name[1:]
        code = f"skill-{uuid.uuid5(ORDER_KEYS, name.casefold()).hex[:10]}"
        row = Skill.objects.create(code=code, name_fi=title, name_sv=title, name_en=title)
    return row
