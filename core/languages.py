"""The languages in which people are told things."""

from __future__ import annotations

from django.db import models


class Language(models.TextChoices):
    FI = "fi", "Suomi"
    FI_EASY = "fi-easy", "Helppo suomi"
    SV = "sv", "Svenska"
    EN = "en", "English"

    @property
    def document(self) -> str:
        """Language of documents: easy Finnish has none of its own."""
        return "fi" if self == Language.FI_EASY else str(self.value)
