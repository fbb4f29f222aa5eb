"""Forms of the settings pages for the catalogue and its prices: what is chosen is not typed."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminRadioSelect
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.icons import drawing, icon_exists
from core.timing import parse_clock
from orders.models import Tariff, TariffSupplement, TaskType, VatRate
from workers.models import Strain

# Pictures of the Lucide set for work of a few hours; an import may name any other of the set.
PICTURES = (
    "clipboard-list", "brush-cleaning", "app-window", "washing-machine", "shirt", "bed",
    "leaf", "trees", "shovel", "snowflake", "recycle", "trash-2",
    "package", "package-open", "warehouse", "truck", "car", "bus",
    "utensils", "coffee", "shopping-basket", "store", "party-popper", "armchair",
    "printer", "archive", "monitor", "phone", "mail", "languages",
    "wrench", "hammer", "paint-roller", "dog", "users", "baby",
)  # fmt: skip
VAT_KINDS = {
    "general": pgettext_lazy("VAT rate", "General"),
    "reduced_1": pgettext_lazy("VAT rate", "Reduced, first"),
    "reduced_2": pgettext_lazy("VAT rate", "Reduced, second"),
}
DAY_MIN = 24 * 60
# As the names of the other fields are shown.
titled = lazy(capfirst, str)


class TaskTypeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A task of the catalogue: its picture and what it asks are chosen from what there is."""

    icon = forms.ChoiceField(
        label=titled(_("picture")),
        widget=AdminRadioSelect(attrs={"class": "radiolist inline"}),
    )
    strains = forms.MultipleChoiceField(
        label=titled(_("what the task asks")),
        choices=Strain.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = TaskType
        fields = "__all__"  # noqa: DJ007 - the settings page shows all

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.instance.icon
        names = PICTURES if own in PICTURES or not icon_exists(own) else (own, *PICTURES)
        pictures: Any = self.fields["icon"]
        pictures.choices = [(name, format_html("{} {}", drawing(name, 22), name)) for name in names]


class VatKindField(forms.ChoiceField):
    """A kind of which there are rates; the rate itself follows from the day of the work."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=titled(_("VAT")), choices=self.kinds, **options)

    @staticmethod
    def kinds() -> list[tuple[str, Any]]:
        newest = dict(VatRate.objects.order_by("valid_from").values_list("kind", "percent"))
        return [
            (kind, format_html("{} ({} %)", VAT_KINDS.get(kind, kind), f"{percent.normalize():f}"))
            for kind, percent in newest.items()
        ]


class TariffForm(forms.ModelForm):  # type: ignore[type-arg]
    """A price from a day on."""

    vat_kind = VatKindField(initial="general")

    class Meta:
        model = Tariff
        fields = "__all__"  # noqa: DJ007 - the settings page shows all
        labels: ClassVar[dict[str, Any]] = {
            "task_type": titled(_("task type")),
            "customer": titled(pgettext_lazy("settings", "customer")),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "task_type": _("Empty: every task that has no price of its own."),
            "customer": _("Empty: every customer that has no price of its own."),
        }


class DayMinuteField(forms.CharField):
    """A time of the day as minutes from midnight; 24.00 ends the day."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 60}.{value % 60:02d}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        text = str(super().clean(value))
        if text.replace(":", ".") in {"24", "24.00"}:
            return DAY_MIN
        found = parse_clock(text)
        if found is None:
            raise forms.ValidationError(_("Enter the time, for example 9.00."), code="invalid")
        return found.hour * 60 + found.minute

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True


class SupplementForm(forms.ModelForm):  # type: ignore[type-arg]
    """So many per cent more between two times of the day."""

    from_min = DayMinuteField(label=pgettext_lazy("time", "from"), initial=0)
    to_min = DayMinuteField(label=pgettext_lazy("time", "to"), initial=DAY_MIN)

    class Meta:
        model = TariffSupplement
        fields = "__all__"  # noqa: DJ007 - the settings page shows all
