"""What a fresh process has loaded after each step, as lines of JSON; `test_process_weight` asks.

Run as `python -m tests.process_child STEP…`. A step that is the name of a module imports it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

HEAVY = ("numba", "llvmlite", "highspy", "numpy", "reportlab", "lxml", "openpyxl", "holidays")


def set_up() -> None:
    """Django alone, as every command and every process does first."""
    import django

    django.setup()


def urls() -> None:
    """All addresses and every module with views."""
    from django.apps import apps
    from django.urls import get_resolver

    assert get_resolver().reverse_dict
    for app in apps.get_app_configs():
        root = Path(app.path)
        if "site-packages" not in root.parts:
            for file in root.rglob("*views.py"):
                inside = file.relative_to(root).with_suffix("").parts
                import_module(".".join((app.name, *inside)))


def pages() -> None:
    """The board, the list of orders and the candidates of an order, as the office sees them."""
    import time_machine
    from django.test import Client
    from django.urls import reverse

    from accounts.models import Role, User
    from orders.models import WorkOrder
    from tests.conftest import NOW

    order = WorkOrder.objects.get()
    with time_machine.travel(NOW, tick=False):
        client = Client()
        client.force_login(
            User.objects.get(role=Role.DISPATCHER),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        for page in (
            reverse("dispatch:day") + f"?on={order.works_on}",
            reverse("dispatch:order-list"),
            reverse("dispatch:order-detail", args=[order.ref]),
        ):
            answer = client.get(page)
            assert answer.status_code == 200, (page, answer.status_code)
    assert b'class="cand"' in answer.content


def plan() -> None:
    """A plan, as a job of the queue makes it."""
    from dispatch.plans import services as plan_services
    from dispatch.plans.job import make_plan
    from orders.models import WorkOrder
    from tests.conftest import NOW

    on = WorkOrder.objects.get().works_on
    row = plan_services.start_plan(on, on, seconds=1, by=None, now=NOW, ring=False)
    assert make_plan(row.pk, clock=lambda: NOW)


def most_mb() -> float:
    """The most memory so far; not `ru_maxrss`, which begins with that of the caller."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


STEPS: dict[str, Callable[[], None]] = {"setup": set_up, "urls": urls, "pages": pages, "plan": plan}


def main(names: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    for name in names:
        if name in STEPS:
            STEPS[name]()
        else:
            import_module(name)
        used = resource.getrusage(resource.RUSAGE_SELF)
        said = {
            "step": name,
            "cpu_s": used.ru_utime + used.ru_stime,
            "mb": most_mb(),
            "heavy": [package for package in HEAVY if package in sys.modules],
        }
        sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
