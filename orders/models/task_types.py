"""The catalogue: what can be ordered."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from workers.models import Named, Skill


class TaskType(Named):
    description_fi = models.TextField(_("description in Finnish"), blank=True)
    description_sv = models.TextField(_("description in Swedish"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    wear_fi = models.CharField(_("what to wear, in Finnish"), max_length=160, blank=True)
    wear_sv = models.CharField(_("what to wear, in Swedish"), max_length=160, blank=True)
    wear_en = models.CharField(_("what to wear, in English"), max_length=160, blank=True)
    icon = models.CharField(_("picture (Lucide name)"), max_length=40, default="clipboard-list")
    skills = models.ManyToManyField(
        Skill, blank=True, related_name="task_types", verbose_name=_("skills needed")
    )
    strains = models.JSONField(_("what the task asks"), default=list, blank=True)
    min_age = models.PositiveSmallIntegerField(_("youngest age"), default=15)
    hazardous = models.BooleanField(_("hazardous for the young"), default=False)
    light_work = models.BooleanField(_("light work"), default=True)
    construction_related = models.BooleanField(_("construction service"), default=False)
    real_property = models.BooleanField(
        _("connected with real property"),
        default=True,
        help_text=_(
            "Cleaning, yard work, moving inside a building: Finnish VAT, whoever buys. Without the "
            "mark a business of another EU country accounts for the VAT itself."
        ),
    )
    active = models.BooleanField(_("active"), default=True)
    sort = models.PositiveSmallIntegerField(_("order in lists"), default=100)

    class Meta:
        verbose_name = _("task type")
        verbose_name_plural = _("task types")
        ordering = ["sort", "name_fi"]

    @property
    def about(self) -> str:
        """Description in the active language."""
        return self.in_language("description", get_language())
