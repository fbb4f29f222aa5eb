"""Loaded once by the server that forks the racers: what each of them would load again."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

import config.urls  # noqa: E402, F401 - addresses in messages
import dispatch.assignments.services  # noqa: E402, F401
import tests.conftest  # noqa: E402, F401
