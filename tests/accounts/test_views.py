"""Language switch, accessibility statement, menu of each role."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from core import menu
from tests import builders

COOKIE = settings.LANGUAGE_COOKIE_NAME


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["fi", "fi-easy", "sv", "en"])
def test_chosen_language_is_kept_on_the_browser_and_with_the_person(
    client: Client, code: str
) -> None:
    person = builders.user(Role.WORKER)
    client.force_login(person)
    response = client.post(reverse("set_language"), {"language": code, "next": "/accessibility/"})
    assert response.headers["Location"] == "/accessibility/"
    assert response.cookies[COOKIE].value == code
    person.refresh_from_db()
    assert person.language == code
    page = client.get("/accessibility/")
    assert page.headers["Content-Language"] == code[:2]
    assert f'<html lang="{code[:2]}"'.encode() in page.content


@pytest.mark.django_db
def test_unknown_language_changes_nothing(client: Client) -> None:
    response = client.post(reverse("set_language"), {"language": "xx"})
    assert response.status_code == 302
    assert COOKIE not in response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_next_leads_only_to_this_site(client: Client, evil: str) -> None:
    response = client.post(reverse("set_language"), {"language": "sv", "next": evil})
    assert response.headers["Location"] == "/"


@pytest.mark.django_db
def test_get_does_not_change_the_language(client: Client) -> None:
    response = client.get(reverse("set_language"), {"language": "sv"})
    assert response.status_code == 405


@pytest.mark.django_db
def test_accept_language_is_not_read(client: Client) -> None:
    page = client.get("/accessibility/", headers={"Accept-Language": "en"})
    assert page.headers["Content-Language"] == "fi"


def sign_in(client: Client, person: User) -> str | None:
    response = client.post(
        reverse("account_login"), {"login": person.email, "password": "salasana-testi"}
    )
    assert response.status_code == 302
    cookie = response.cookies.get(COOKIE)
    return cookie.value if cookie else None


@pytest.mark.django_db
def test_sign_in_brings_the_persons_own_language(client: Client) -> None:
    assert sign_in(client, builders.user(Role.WORKER, language="fi-easy")) == "fi-easy"


@pytest.mark.django_db
def test_language_chosen_on_this_browser_stays_at_sign_in(client: Client) -> None:
    client.cookies[COOKIE] = "sv"
    assert sign_in(client, builders.user(Role.WORKER, language="fi")) is None


@pytest.mark.django_db
def test_statement_names_our_address_and_the_supervisor(client: Client) -> None:
    builders.organisation(email="palaute@askare.example")
    page = client.get(reverse("accessibility")).content.decode()
    assert "mailto:palaute@askare.example" in page
    assert "saavutettavuusvaatimukset.fi" in page


@pytest.mark.parametrize("role", list(Role))
def test_every_menu_entry_leads_to_a_page_and_one_is_current(role: Role) -> None:
    items = menu.entries(role, menu.home_of(role))
    assert items
    assert [item["current"] for item in items].count(True) == 1
    assert items[0]["current"]


def test_page_below_a_menu_entry_marks_the_nearest_one() -> None:
    path = reverse("billing:my-hours")
    [current] = [i["url"] for i in menu.entries(Role.WORKER, path) if i["current"]]
    assert current == path


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_start_page_of_each_role_opens_from_the_menu(client: Client, role: Role) -> None:
    """Every entry of a role's menu answers that role with a page, never with 403 or 404."""
    person = builders.user(role, is_staff=role == Role.ADMIN, is_superuser=role == Role.ADMIN)
    if role == Role.WORKER:
        builders.worker(user=person)
    client.force_login(person)
    for door in menu.entries(role, "/"):
        assert client.get(door["url"]).status_code == 200, door["url"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "code", "words"),
    [
        (Role.DISPATCHER, "fi", "Tässä osoitteessa ei ole näytettävää"),
        (Role.WORKER, "fi-easy", "Tällä sivulla ei ole mitään"),
    ],
)
def test_address_of_a_sent_form_says_that_nothing_happened(
    client: Client, role: Role, code: str, words: str
) -> None:
    client.force_login(builders.user(role))
    client.cookies[COOKIE] = code
    name = "dispatch:assign" if role == Role.DISPATCHER else "dispatch:my-accept"
    page = client.get(reverse(name, args=["00000000-0000-4000-8000-000000000000"]))
    assert (page.status_code, page.headers["Allow"]) == (405, "POST")
    assert words in page.content.decode()


@pytest.mark.django_db
def test_refused_method_without_a_reader_stays_bare(client: Client) -> None:
    client.force_login(builders.user())
    url = reverse("dispatch:assign", args=["00000000-0000-4000-8000-000000000000"])
    page = client.delete(url)
    assert (page.status_code, page.content) == (405, b"")


@pytest.mark.django_db
def test_character_that_nobody_types_is_taken_out(client: Client) -> None:
    client.force_login(builders.user(Role.FINANCE))
    page = client.get("/customers/", {"q": "Kah\x00vila"})
    assert page.status_code == 200
    assert 'value="Kahvila"' in page.content.decode()
    answer = client.post(reverse("set_language"), {"language": "s\x00v", "next": "/\x00"})
    assert (answer.headers["Location"], answer.cookies[COOKIE].value) == ("/", "sv")
    address = reverse("sign_in_link_use", args=["token"])
    assert client.get(address).status_code != 404
    assert client.get(address.replace("token", "%00")).status_code == 404


@pytest.mark.django_db
def test_line_that_breaks_while_a_form_is_sent_is_no_error_of_ours() -> None:
    class Broken(BytesIO):
        def read(self, *_size: int | None) -> bytes:
            raise OSError("connection reset")

    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(reverse("set_language"), {"language": "sv"}, **{"wsgi.input": Broken()})
    assert answer.status_code == 403
