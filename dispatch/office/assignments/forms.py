"""Who gets a place of an order, as the office chooses."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from workers.models import Worker


class AssignForm(forms.Form):
    """Which workers get a place: as an offer, or directly; a reason where a rule is softened."""

    worker = forms.ModelMultipleChoiceField(
        queryset=Worker.objects.all(),
        to_field_name="ref",
        error_messages={"required": _("Choose at least one worker.")},
    )
    mode = forms.ChoiceField(choices=[("offer", "offer"), ("direct", "direct")])
    override_reason = forms.CharField(max_length=300, required=False)
    replaces = forms.UUIDField(required=False)

    def message(self) -> str:
        """The first complaint, for a page that shows no fields of this form."""
        return str(next(iter(self.errors.values()))[0])
