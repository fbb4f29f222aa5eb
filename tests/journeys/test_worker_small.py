"""The one big button of the worker stays in reach on the smallest phone, message or not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page

from accounts.models import Role
from tests import builders
from tests.billing import world
from tests.journeys.person import PASSWORD, next_monday

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 568}


def tops(page: Page) -> tuple[float, float]:
    """Lower edge of the big button and upper edge of the tabs, as the page opens."""
    page.evaluate("document.fonts.ready")
    button = page.locator("main .btn.big").first.bounding_box()
    tabs = page.locator("nav.tabs").bounding_box()
    assert button is not None
    assert tabs is not None
    return button["y"] + button["height"], tabs["y"]


@pytest.mark.parametrize("language", ["fi", "fi-easy", "sv", "en"])
def test_big_button_above_the_tabs_also_after_a_message(
    live_server: Any, browser: Browser, language: str
) -> None:
    """Screens 3: one tap from opening to "I am here", then to "The work is done"."""
    builders.organisation()
    user = builders.user(Role.WORKER, email="worker@askare.example", language=language)
    worker = builders.worker(first_name="Aino", user=user)
    order = world.order(
        on=next_monday() + timedelta(days=3), site_contact_name="Anna-Maija Virtanen-Korhonen"
    )
    gig = world.placed(order, worker)
    context = browser.new_context(viewport=SMALL)
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page = context.new_page()
    moment: datetime = gig.starts_at - timedelta(minutes=5)
    with time_machine.travel(moment, tick=True):
        page.goto(live_server.url + "/account/login/")
        page.fill("[name=login]", user.email)
        page.fill("[name=password]", PASSWORD)
        page.locator("main button[type=submit]").first.click()
        page.wait_for_load_state()
        page.goto(live_server.url + "/my/")
        before = tops(page)
        page.locator("main .btn.big").first.click()
        page.wait_for_load_state()
        assert page.locator(".msg.success").count() == 1
        after = tops(page)
    assert before[0] <= before[1], before
    assert after[0] <= after[1], after
    context.close()
