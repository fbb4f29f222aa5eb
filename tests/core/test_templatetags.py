"""Filters and tags that put dates, hours, money, icons and statuses before people."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import lucide
import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from core import formats, icons, status_words

NB = "\u00a0"
# 26 November 2026 is a Thursday; 7:00 UTC is 9:00 in Helsinki in winter.
NINE = dt.datetime(2026, 11, 26, 7, 0, tzinfo=dt.UTC)
ONE = dt.datetime(2026, 11, 26, 11, 0, tzinfo=dt.UTC)


def shown(source: str, language: str = "fi", **context: object) -> str:
    with translation.override(language):
        return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("language", "short", "long"),
    [
        ("fi", f"to{NB}26.11.", f"to{NB}26.11.2026"),
        ("fi-easy", f"torstai{NB}26.11.", f"torstai{NB}26.11.2026"),
        ("sv", f"to{NB}26.11.", f"to{NB}26.11.2026"),
        ("en", f"Thu{NB}26{NB}Nov", f"Thu{NB}26{NB}Nov{NB}2026"),
    ],
)
def test_day_each_language_weekday_always_with_date(language: str, short: str, long: str) -> None:
    assert shown("{{ d|day }}", language, d=dt.date(2026, 11, 26)) == short
    assert shown("{{ d|daylong }}", language, d=NINE) == long


def test_day_instant_late_in_utc_is_the_next_local_day() -> None:
    late = dt.datetime(2026, 11, 26, 22, 30, tzinfo=dt.UTC)
    assert shown("{{ d|day }}", d=late) == f"pe{NB}27.11."


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fi", "9.00–13.00"), ("fi-easy", "9.00–13.00"), ("sv", "9.00–13.00"), ("en", "9:00–13:00")],
)
def test_clockrange_each_language_local_time(language: str, expected: str) -> None:
    assert shown("{{ a|clockrange:b }}", language, a=NINE, b=ONE) == expected


def test_clock_summer_instant_uses_summer_time() -> None:
    summer = dt.datetime(2026, 7, 1, 6, 5, tzinfo=dt.UTC)
    assert shown("{{ a|clock }}", a=summer) == "9.05"


def test_clock_plain_time_is_shown_as_it_is() -> None:
    assert shown("{{ a|clock }}", a=dt.time(8, 30)) == "8.30"


def test_clockrange_open_end_shows_the_start_only() -> None:
    assert shown("{{ a|clockrange:b }}", a=NINE, b=None) == "9.00"


@pytest.mark.parametrize(
    ("minutes", "fi", "en"),
    [
        (240, f"4{NB}h", f"4{NB}h"),
        (255, f"4,25{NB}h", f"4.25{NB}h"),
        (50, f"0,83{NB}h", f"0.83{NB}h"),
        (0, f"0{NB}h", f"0{NB}h"),
        (-30, f"\u22120,5{NB}h", f"\u22120.5{NB}h"),
        (234_240, f"3{NB}904{NB}h", f"3,904{NB}h"),
    ],
)
def test_hours_from_minutes_at_most_two_decimals(minutes: int, fi: str, en: str) -> None:
    assert shown("{{ m|hours }}", m=minutes) == fi
    assert shown("{{ m|hours }}", "en", m=minutes) == en


def test_hoursnum_keeps_two_decimals_for_columns() -> None:
    assert shown("{{ m|hoursnum }}", m=240) == "4,00"


@pytest.mark.parametrize(
    ("amount", "fi", "en"),
    [
        (Decimal(128), f"128,00{NB}€", f"128.00{NB}€"),
        (Decimal("1310.5"), f"1{NB}310,50{NB}€", f"1,310.50{NB}€"),
        (Decimal("0.005"), f"0,01{NB}€", f"0.01{NB}€"),
        (Decimal("-12.34"), f"\u221212,34{NB}€", f"\u221212.34{NB}€"),
        (Decimal("-0.001"), f"0,00{NB}€", f"0.00{NB}€"),
    ],
)
def test_eur_sign_after_number_half_up(amount: Decimal, fi: str, en: str) -> None:
    assert shown("{{ a|eur }}", a=amount) == fi
    assert shown("{{ a|eur }}", "sv", a=amount) == fi
    assert shown("{{ a|eur }}", "en", a=amount) == en


def test_pct_num_km_minutes_follow_the_language() -> None:
    source = "{{ p|pct }}|{{ p|num }}|{{ m|km }}|{{ t|minutes }}"
    values = {"p": Decimal("25.50"), "m": 3120, "t": 16}
    assert shown(source, **values) == f"25,5{NB}%|25,5|3,1{NB}km|16{NB}min"
    assert shown(source, "en", **values) == f"25.5%|25.5|3.1{NB}km|16{NB}min"


@pytest.mark.parametrize(
    "name",
    ["day", "daylong", "clock", "hours", "hoursnum", "eur", "pct", "num", "km", "minutes"],
)
def test_filters_nothing_to_show_gives_empty_text(name: str) -> None:
    assert shown("{{ x|" + name + " }}", x=None) == ""


def test_telhref_keeps_digits_and_leading_plus() -> None:
    assert formats.telhref("+358 5 123-4567") == "+35851234567"
    assert formats.telhref("05 123 4567") == "051234567"


def test_icon_known_name_is_hidden_from_screen_readers() -> None:
    svg = shown('{% icon "truck" %}')
    assert svg.startswith('<svg class="i" viewBox="0 0 24 24"')
    assert 'aria-hidden="true"' in svg
    assert "style=" not in svg
    assert "xmlns" not in svg
    assert svg.count("<path") == 3


def test_icon_unknown_name_is_an_error() -> None:
    assert not icons.icon_exists("no-such-picture")
    with pytest.raises(lucide.IconDoesNotExist):
        shown('{% icon "no-such-picture" %}')


def test_status_table_every_shape_exists_and_tone_is_known() -> None:
    tones = {"ok", "info", "warn", "error", "neutral", "plum"}
    for kind, (tone, shape) in status_words.known().items():
        assert tone in tones, kind
        assert icons.icon_exists(shape), kind


def test_status_chip_says_the_word_and_escapes_it() -> None:
    chip = shown("{% status_chip kind label %}", kind="accepted", label="<b>Vahvistettu</b>")
    assert chip.startswith('<span class="st ok"><svg')
    assert "&lt;b&gt;Vahvistettu" in chip


def test_status_chip_unknown_kind_is_neutral_with_its_word() -> None:
    chip = shown("{% status_chip kind label %}", kind="brand_new", label="Uusi")
    assert chip.startswith('<span class="st"><svg')
    assert "Uusi" in chip


class SampleForm(forms.Form):
    name = forms.CharField(label="Nimi", help_text="Etunimi riittää")
    size = forms.ChoiceField(label="Koko", choices=[("s", "Pieni")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="Sopii")
    token = forms.CharField(widget=forms.HiddenInput)


FIELD = '{% include "components/field.html" with field=form.name %}'


def test_field_plain_label_hint_and_control_are_tied_by_ids() -> None:
    html = shown(FIELD, form=SampleForm())
    assert '<label for="id_name">Nimi' in html
    assert 'id="id_name_helptext">Etunimi riittää' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert 'class="inp"' in html
    assert "aria-invalid" not in html


def test_field_with_error_is_marked_and_described() -> None:
    form = SampleForm({"size": "s"})
    html = shown(FIELD, form=form)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html


def test_field_radio_is_a_fieldset_of_chips() -> None:
    html = shown('{% include "components/field.html" with field=form.size %}', form=SampleForm())
    assert '<legend class="legend">Koko</legend>' in html
    assert html.count('<label class="chip"') == 1


def test_form_errors_links_lead_to_the_controls() -> None:
    form = SampleForm({})
    html = shown('{% include "components/form_errors.html" %}', form=form)
    assert 'href="#id_name"' in html
    assert 'href="#id_size_0"' in html
    assert 'tabindex="-1"' in html
    assert 'href="#id_token"' not in html


def test_form_errors_valid_form_draws_nothing() -> None:
    html = shown('{% include "components/form_errors.html" %}', form=SampleForm())
    assert html.strip() == ""


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+358401234567", "040 1234567"),
        ("+46701234567", "+46 70 123 45 67"),
        ("+35840", "+35840"),
        ("", ""),
        (None, ""),
    ],
)
def test_phone_reads_as_people_write_it(stored: str | None, shown: str) -> None:
    assert formats.phonetext(stored) == shown
