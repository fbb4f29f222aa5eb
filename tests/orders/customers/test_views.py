"""Customers and sites: the pages as people use them."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from orders.models import Customer
from tests import builders
from tests.orders.pages import queries, sign_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


@pytest.mark.engine
def test_customer_list_query_count_does_not_grow(web: Client) -> None:
    sign_in(web, builders.user(Role.DISPATCHER))
    for _ in range(25):
        builders.order()
    at_25 = queries(web, "/customers/")
    for _ in range(25):
        builders.order()
    assert queries(web, "/customers/") == at_25 <= 12


def test_customer_list_pages_by_twenty_five(web: Client) -> None:
    sign_in(web, builders.user(Role.DISPATCHER))
    for _ in range(26):
        builders.customer()
    assert web.get("/customers/").content.decode().count("lead-cell") == 25
    assert web.get("/customers/?page=2").content.decode().count("lead-cell") == 1


def test_customer_list_search(web: Client) -> None:
    builders.customer(name="Pesula Pulu Oy")
    builders.customer()
    sign_in(web, builders.user(Role.DISPATCHER))
    assert web.get("/customers/?q=pulu").content.decode().count("lead-cell") == 1
    assert "Nothing found" in words(web.get("/customers/?q=zzz"))


@pytest.mark.parametrize(
    ("role", "lists", "edits"),
    [
        (Role.DISPATCHER, 200, 200),
        (Role.ADMIN, 200, 200),
        (Role.FINANCE, 200, 200),
        (Role.MANAGER, 200, 403),
        (Role.COACH, 403, 403),
        (Role.WORKER, 403, 403),
        (Role.CUSTOMER, 403, 403),
    ],
)
def test_customer_pages_by_role(web: Client, role: Role, lists: int, edits: int) -> None:
    order = builders.order()
    customer = order.customer
    sign_in(web, builders.user(role))
    assert web.get("/customers/").status_code == lists
    assert web.get(f"/customers/{customer.ref}/").status_code == lists
    assert web.get(f"/customers/{customer.ref}/edit/").status_code == edits
    assert web.get("/customers/new/").status_code == edits


def test_customer_edit_saves_and_keeps_wrong_input(web: Client) -> None:
    customer = builders.customer()
    sign_in(web, builders.user(Role.DISPATCHER))
    url = f"/customers/{customer.ref}/edit/"
    typed = {
        "name": "Uusi Nimi Oy",
        "business_id": customer.business_id,
        "kind": "private",
        "payment_term_days": "14",
        "language": "sv",
        "active": "on",
    }
    wrong = web.post(url, {**typed, "business_id": "123"})
    assert wrong.status_code == 200
    assert "Check the business ID" in words(wrong)
    assert 'value="Uusi Nimi Oy"' in wrong.content.decode()
    assert web.post(url, typed).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.language) == ("Uusi Nimi Oy", "sv")


def test_customer_new_gets_a_number(web: Client) -> None:
    sign_in(web, builders.user(Role.DISPATCHER))
    typed = {
        "name": "Uusi Oy",
        "business_id": "20774740",
        "kind": "private",
        "payment_term_days": "14",
        "language": "fi",
        "active": "on",
    }
    assert web.post("/customers/new/", typed).status_code == 302
    customer = Customer.objects.get(name="Uusi Oy")
    assert (customer.business_id, customer.customer_no) == ("2077474-0", "1001")


def test_site_edit_pins_and_others_get_404(web: Client) -> None:
    site = builders.site(builders.customer())
    url = reverse("orders:site-edit", args=[site.ref])
    sign_in(web, builders.contact(site.customer).user)
    assert web.get(url).status_code == 200
    assert web.post(url, {"name": "Takapiha", "lat": "61.07", "lon": "28.2"}).status_code == 302
    site.refresh_from_db()
    assert (site.lat, site.lon, site.located) == (61.07, 28.2, "pin")
    wrong = web.post(url, {"lat": "0", "lon": "28.2"})
    assert wrong.status_code == 200
    stranger = Client()
    sign_in(stranger, builders.contact(builders.customer()).user)
    assert stranger.get(url).status_code == 404
    assert stranger.post(url, {"lat": "60", "lon": "25"}).status_code == 404


def test_my_sites_lists_the_own_and_orders_again(web: Client) -> None:
    mine, other = builders.order(), builders.order()
    sign_in(web, builders.contact(mine.customer).user)
    text = web.get("/sites/").content.decode()
    assert reverse("orders:site-edit", args=[mine.site.ref]) in text
    assert reverse("orders:reorder", args=[mine.ref]) in text
    assert str(other.site.ref) not in text
    assert 'href="/sites/"' in web.get("/orders/").content.decode()


def test_my_sites_empty_says_what_to_do(web: Client) -> None:
    sign_in(web, builders.contact(builders.customer()).user)
    assert "No sites yet." in words(web.get("/sites/"))


@pytest.mark.engine
def test_my_sites_query_count_does_not_grow(web: Client) -> None:
    owner = builders.customer()
    sign_in(web, builders.contact(owner).user)
    builders.order(customer=owner)
    at_1 = queries(web, "/sites/")
    for n in range(10):
        builders.site(owner, street=f"Kauppakatu {n + 10}")
    assert queries(web, "/sites/") == at_1 <= 12


@pytest.mark.parametrize("role", [Role.FINANCE, Role.MANAGER])
def test_customers_are_in_the_menu_and_every_link_of_a_customer_opens(
    web: Client, role: Role
) -> None:
    order = builders.order()
    sign_in(web, builders.user(role))
    listed = web.get("/customers/").content.decode()
    assert 'href="/customers/" aria-current="page"' in listed
    page = web.get(f"/customers/{order.customer.ref}/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    links = [link for link in re.findall(r'href="(/[^"]+)"', main) if "/hours/" not in link]
    assert reverse("billing:order-page", args=[order.ref]) in links
    assert {link: web.get(link).status_code for link in links} == dict.fromkeys(links, 200)
