"""Template tags and filters of the frame: icons, status chips, places, panels, dates and numbers.

The module is a template builtin (settings), so templates use it without `{% load %}`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.db.models import Model
from django.forms import BoundField
from django.template import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from core import formats, panels, places
from core.icons import icon
from core.status_words import look_of

register = template.Library()
register.simple_tag(icon)
for show in (
    formats.day,
    formats.daylong,
    formats.clock,
    formats.clockrange,
    formats.hours,
    formats.hoursof,
    formats.hoursnum,
    formats.eur,
    formats.pct,
    formats.num,
    formats.km,
    formats.minutes,
    formats.phonetext,
    formats.telhref,
):
    register.filter(show)


@register.simple_tag
def place(name: str, *args: Any) -> str:
    """Path of a page that a higher app owns: `{% place "order page" order.ref %}`."""
    return places.url_of(name, *args)


@register.simple_tag(name="panels", takes_context=True)
def panels_of(context: Context, noun: str, subject: Any) -> SafeString:
    """What higher apps show on the page of a noun: `{% panels "worker" worker %}`."""
    return panels.render(noun, context["request"], subject)


@register.simple_tag
def status_chip(kind: str, label: str, icon_name: str = "") -> SafeString:
    """A status as shape + word: `{% status_chip order.status order.get_status_display %}`.

    `kind` is a tone (ok, info, warn, error, neutral, plum) or a status (core/status_words.py);
    an unknown kind is drawn in the neutral tone, because the word still says what it is.
    """
    return _chip(str(kind), conditional_escape(label), icon_name)


@register.simple_tag
def status_of(row: Model) -> SafeString:
    """The chip of a row's own status, for lists: `{% status_of order %}`."""
    kind: str = row.status  # type: ignore[attr-defined]
    return _chip(kind, conditional_escape(_status_words(type(row)).get(kind, kind)), "")


@lru_cache(maxsize=64)
def _status_words(model: type[Model]) -> dict[str, str]:
    """Lazy words of a model's statuses; get_status_display makes this dictionary for each row."""
    field: Any = model._meta.get_field("status")  # noqa: SLF001 - the documented way to a field
    return dict(field.flatchoices)


@lru_cache(maxsize=512)
def _chip(kind: str, label: SafeString, icon_name: str) -> SafeString:
    tone, shape = look_of(kind)
    css = "st" if tone == "neutral" else f"st {tone}"
    html = '<span class="{}">{}<span>{}</span></span>'
    return format_html(html, css, icon(icon_name or shape), label)


@register.simple_tag
def control(field: BoundField, css: str = "inp") -> SafeString:
    """The widget of a bound field with the class of our inputs added to its own classes.

    Django itself writes aria-invalid and aria-describedby (help and error ids).
    """
    own = field.field.widget.attrs.get("class", "")
    classes = " ".join(dict.fromkeys([*own.split(), *css.split()]))
    return field.as_widget(attrs={"class": classes} if classes else None)


@register.filter
def kind_of(field: BoundField) -> str:
    """Shape of a field for the field template: hidden, checkbox, chips, file or plain."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    kind = field.widget_type
    if kind in ("radioselect", "checkboxselectmultiple"):
        return "chips"
    if kind == "checkbox":
        return "checkbox"
    if getattr(widget, "input_type", "") == "file":
        return "file"
    return "fieldset" if field.use_fieldset else "plain"


@register.filter
def error_anchor(field: BoundField) -> str:
    """Id that a link of the error summary should lead to: the first control of the field."""
    if field.use_fieldset and len(field.subwidgets) > 0:
        return str(field.subwidgets[0].id_for_label or field.auto_id)
    return str(field.id_for_label or field.auto_id)
