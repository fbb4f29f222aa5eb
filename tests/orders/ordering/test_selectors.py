"""Lists, and whose they are."""

from datetime import date

import pytest
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from orders import access
from orders.customers.selectors import list_customers, places_near
from orders.ordering import selectors
from tests import builders

pytestmark = pytest.mark.engine


@pytest.mark.django_db
class TestLists:
    def test_list_orders_search_by_number_customer_and_street(self) -> None:
        order = builders.order(customer=builders.customer(name="Pesula Pulu Oy"))
        builders.order()
        boss = builders.user(Role.DISPATCHER)
        for words in (str(order.number), "pulu", "kauppakatu pulu"):
            found = selectors.list_orders(access.orders_for(boss), search=words)
            assert list(found) == [order], words

    def test_list_customers_counts_orders_in_one_query(
        self, django_assert_num_queries: CaptureQueriesContext
    ) -> None:
        customer = builders.customer()
        builders.order(customer=customer)
        builders.order(customer=customer, on=date(2026, 11, 27))
        boss = builders.user(Role.DISPATCHER)
        with django_assert_num_queries(1):  # type: ignore[operator]
            rows = list(list_customers(access.customers_for(boss)))
        assert [(r.order_count, r.last_on) for r in rows] == [(2, date(2026, 11, 27))]

    def test_places_near_the_nearest_first(self) -> None:
        names = [name for name, _lat, _lon in places_near(61.0564, 28.1938, 3)]
        assert names[0] == "53100 Lappeenranta"


@pytest.mark.django_db
class TestAccess:
    def test_orders_for_each_role(self) -> None:
        """Deny by default: a contact sees the own customer's orders, workers and coaches none."""
        mine, other = builders.order(), builders.order()
        person = builders.contact(mine.customer).user
        seen = {role: len(access.orders_for(builders.user(role))) for role in Role}
        assert seen == {
            Role.CUSTOMER: 0,
            Role.WORKER: 0,
            Role.COACH: 0,
            Role.DISPATCHER: 2,
            Role.FINANCE: 2,
            Role.MANAGER: 2,
            Role.ADMIN: 2,
        }
        assert list(access.orders_for(person)) == [mine]
        assert list(access.sites_for(person)) == [mine.site]
        assert list(access.customers_for(person)) == [mine.customer]
        assert access.customer_of(person) == mine.customer
        assert other.customer not in access.customers_for(person)
