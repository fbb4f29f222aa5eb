"""Cells whose form a package knows: icons, names in addresses, phone numbers, e-mail addresses."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from phonenumber_field.phonenumber import to_python as phone_number

from core.cells import BadCell
from core.icons import icon_exists


def picture(value: str) -> str:
    """A name of the icon set, for example "truck"."""
    if not icon_exists(value):
        raise BadCell("picture")
    return value


def code(value: str) -> str:
    """A short name that stands in addresses too."""
    try:
        validate_slug(value)
    except ValidationError as error:
        raise BadCell("code") from error
    return value


def phone(value: str) -> str:
    """A number as it is stored (E.164); one without a country is Finnish."""
    found = phone_number(value)
    if not found or not found.is_valid():
        raise BadCell("phone")
    return str(found.as_e164)


def email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError as error:
        raise BadCell("email") from error
    return value
