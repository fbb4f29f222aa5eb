"""The pages of pay, subsidy and liability, as finance, coach, worker and customer see them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Role, User
from billing.liability import services as liability
from billing.models.payroll import (
    HourMark,
    LiabilityPack,
    LiabilityPaper,
    PayrollBatch,
    SubsidyDecision,
)
from tests import builders
from tests.billing.payroll.test_services import correct, done, paid_worker
from tests.billing.world import BILLING, THURSDAY
from tests.dispatch.office.test_views import worker_form

pytestmark = pytest.mark.django_db
PERIOD = "?first=2026-11-01&last=2026-11-30"


@pytest.fixture(autouse=True)
def _in_december() -> Iterator[None]:
    with time_machine.travel(BILLING, tick=False):
        builders.organisation()
        yield


def as_(role: Role | User) -> Client:
    user = role if isinstance(role, User) else builders.user(role)
    User.objects.filter(pk=user.pk).update(language="en")
    user.refresh_from_db()
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["django_language"] = "en"
    return client


def test_export_in_two_clicks() -> None:
    """Pay opens on the last whole month: one click exports, the next takes the file."""
    worker = paid_worker()
    done(worker)
    client = as_(Role.FINANCE)
    page = client.get(reverse("billing:pay"))
    assert page.context["period"].first == date(2026, 11, 1)
    assert page.context["period"].last == date(2026, 11, 30)
    answer = client.post(
        reverse("billing:pay-export"), {"first": "2026-11-01", "last": "2026-11-30"}
    )
    batch = PayrollBatch.objects.get()
    assert answer.url == reverse("billing:pay-batch", args=[batch.ref])
    assert str(worker) in client.get(answer.url).content.decode()
    for name, mime in (("neutral", "text/csv"), ("netvisor", "application/zip")):
        file = client.get(reverse("billing:pay-file", args=[batch.ref]), {"format": name})
        assert file["Content-Type"].startswith(mime)
        assert file.content == bytes(batch.files.get(format=name).content)
    assert (
        client.get(reverse("billing:pay-file", args=[batch.ref]), {"format": "xls"}).status_code
        == 404
    )


def test_pay_tells_what_is_left_out_and_why() -> None:
    done(paid_worker(payroll_no="", first_name="Numeroton"))
    done(paid_worker(engagement="work_trial", first_name="Kokeilija"))
    page = as_(Role.FINANCE).get(reverse("billing:pay") + PERIOD).content.decode()
    assert "Numeroton" in page
    assert "Kokeilija" in page
    assert page.count("hours/") >= 1


def test_export_of_nothing_says_so() -> None:
    answer = as_(Role.FINANCE).post(
        reverse("billing:pay-export"), {"first": "2026-11-01", "last": "2026-11-30"}
    )
    assert answer.status_code == 409
    assert answer.context["violations"]


@pytest.mark.parametrize("query", ["?first=2026-11-30&last=2026-11-01", "?first=x&last=2026-11-01"])
def test_wrong_period_is_told_and_kept(query: str) -> None:
    answer = as_(Role.FINANCE).get(reverse("billing:pay") + query)
    assert answer.status_code == 422
    assert "2026-11-01" in answer.content.decode()


def test_batch_shows_corrections() -> None:
    entry = done(paid_worker())
    client = as_(Role.FINANCE)
    data = {"first": "2026-11-01", "last": "2026-11-30"}
    client.post(reverse("billing:pay-export"), data)
    correct(entry, 100)
    client.post(reverse("billing:pay-export"), data)
    second = PayrollBatch.objects.get(number=2)
    page = client.get(reverse("billing:pay-batch", args=[second.ref]))
    assert page.status_code == 200
    assert second.minutes == -140


def test_decide_page_logs_and_refuses_without_contract() -> None:
    entry = done(paid_worker(engagement="work_trial"))
    client = as_(Role.FINANCE)
    url = reverse("billing:hours-decide", args=[entry.ref])
    assert client.get(url).status_code == 200
    assert client.post(url, {"mark": "bill", "reason": "Sovittu"}).status_code == 409
    data = {"mark": "bill", "reason": "Sovittu", "contract_ref": "S-1"}
    assert client.post(url, data).status_code == 302
    assert HourMark.objects.get().reason == "Sovittu"


def test_register_worker_reads_the_own_one() -> None:
    me = builders.user(Role.WORKER)
    worker = paid_worker(user=me)
    done(worker)
    url = reverse("billing:register-worker", args=[worker.ref, "pdf"])
    file = as_(me).get(url, {"month": "2026-11"})
    assert file.content.startswith(b"%PDF")
    assert as_(me).get(url + PERIOD + "0").status_code == 200
    other = as_(builders.user(Role.WORKER)).get(url)
    assert other.status_code == 404
    csv_url = reverse("billing:register-worker", args=[worker.ref, "csv"])
    assert b"240" in as_(Role.FINANCE).get(csv_url + PERIOD).content
    wrong = "?first=2026-11-30&last=2026-11-01"
    assert as_(Role.FINANCE).get(csv_url + wrong).status_code == 422
    assert as_(Role.FINANCE).get(url.replace(".pdf", ".exe")).status_code == 404


def test_subsidy_written_seen_and_claimed() -> None:
    coach = builders.user(Role.COACH)
    worker = paid_worker(engagement="pay_subsidy", coach=coach)
    done(worker)
    client = as_(Role.FINANCE)
    url = reverse("billing:subsidy-new")
    assert client.get(url).status_code == 200
    data = {
        "engagement": worker.engagements.get().pk,
        "funder": "Lappeenranta",
        "decision_no": "1",
        "starts_on": "2026-11-01",
        "ends_on": "2027-01-15",
        "percent": "50",
        "alert_days": "60",
    }
    assert client.post(url, data).status_code == 302
    again = client.post(url, {**data, "starts_on": "2026-12-01"})
    assert again.status_code == 422
    page = as_(coach).get(reverse("billing:subsidies"))
    assert [row.days_left for row in page.context["ledger"].ending] == [45]
    claim = reverse("billing:subsidy-claim", args=[SubsidyDecision.objects.get().ref, 2026, 11])
    assert b"240" in as_(coach).get(claim).content
    assert as_(builders.user(Role.COACH)).get(claim).status_code == 404
    report = as_(coach).get(reverse("billing:attendance-report"), {"month": "2026-11"})
    assert report.status_code == 200


def test_uncovered_hours_are_told() -> None:
    done(paid_worker(engagement="pay_subsidy"))
    page = as_(Role.FINANCE).get(reverse("billing:subsidies"))
    assert page.context["ledger"].uncovered_min == 240
    assert "4" in page.content.decode()


def test_liability_from_papers_to_the_customer() -> None:
    person = builders.user(Role.CUSTOMER)
    customer = builders.customer()
    builders.contact(customer, user=person)
    client = as_(Role.FINANCE)
    url = reverse("billing:liability")
    give = reverse("billing:liability-give", args=[customer.ref])
    assert client.get(url).status_code == 200
    assert client.post(give).status_code == 409
    for kind in liability.REQUIRED:
        data = {
            "kind": kind.value,
            "issued_on": "2026-11-20",
            "expires_on": "",
            "file": SimpleUploadedFile("x.pdf", b"%PDF-1.7"),
        }
        assert client.post(url, data).status_code == 302
    bad = {"kind": "taxes", "issued_on": "2026-11-20", "file": io.BytesIO(b"<html>")}
    bad["file"].name = "x.pdf"
    assert client.post(url, bad).status_code == 409
    assert client.post(give).status_code == 302
    assert LiabilityPack.objects.get().good_until == date(2027, 2, 19)
    paper = reverse("billing:liability-paper", args=[LiabilityPaper.objects.first().ref])
    assert as_(person).get(paper).content.startswith(b"%PDF")
    assert as_(person).get(reverse("billing:my-papers")).context["papers"].count() == 6
    assert as_(builders.user(Role.CUSTOMER)).get(paper).status_code == 404


@pytest.mark.engine
def test_pages_on_a_working_month_ask_few_questions(
    django_assert_max_num_queries: object,
) -> None:
    for n in range(4):
        done(paid_worker(payroll_no=str(n)), THURSDAY - timedelta(days=n))
    client = as_(Role.FINANCE)
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        client.get(reverse("billing:pay") + PERIOD)


def test_kind_that_is_off_in_the_settings_cannot_be_given() -> None:
    """A company may not organise rehabilitative work: the kind is off unless switched on."""
    form = worker_form(kind="rehabilitative")
    answer = as_(Role.DISPATCHER).post(reverse("dispatch:worker-new"), form)
    assert answer.status_code == 422
    assert "kind" in answer.context["form"].errors
    with override_settings(ENGAGEMENT_KINDS=["employment", "rehabilitative"]):
        assert as_(Role.DISPATCHER).post(reverse("dispatch:worker-new"), form).status_code == 302
