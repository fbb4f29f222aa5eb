"""Skills, and what a task asks of the body or mind."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """A catalogue row with its name in the three interface languages."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_fi = models.CharField(_("name in Finnish"), max_length=80)
    name_sv = models.CharField(_("name in Swedish"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name in the active language."""
        return self.in_language("name", get_language())

    def in_language(self, field: str, language: str | None) -> str:
        """Text of `field` in a language; easy Finnish and unknown ones read Finnish."""
        suffix = language if language in {"sv", "en"} else "fi"
        return str(getattr(self, f"{field}_{suffix}") or getattr(self, f"{field}_fi"))


class Skill(Named):
    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["name_fi"]


class Strain(models.TextChoices):
    """What a task asks of the body or mind; a worker's restriction names the ones to avoid."""

    LIFTING = "lifting", _("Lifting over 10 kg")
    STANDING = "standing", _("Standing for hours")
    HEIGHTS = "heights", _("Ladders and heights")
    OUTDOORS = "outdoors", _("Outdoors in all weathers")
    NOISE = "noise", _("Noise and crowds")
    CUSTOMERS = "customers", _("Meeting customers")
    ALONE = "alone", _("Working alone")
    SCREEN = "screen", _("Screen work")
