"""Tariffs, VAT and quotes in force."""

from datetime import date, time
from decimal import Decimal

import pytest

from orders.models import TariffSupplement, VatRate
from orders.prices.selectors import Vat, prices_from, quote, tariff_row
from orders.rules.pricing import PricingGap
from tests import builders

pytestmark = pytest.mark.engine
THU = date(2026, 11, 26)


@pytest.mark.django_db
class TestTariff:
    def test_tariff_row_most_exact_wins(self) -> None:
        task, customer = builders.task_type(), builders.customer()
        rows = [
            builders.tariff("30.00"),
            builders.tariff("31.00", task_type=task),
            builders.tariff("29.00", customer=customer),
            builders.tariff("28.00", task_type=task, customer=customer),
        ]
        other = builders.task_type("yard")
        got = [
            tariff_row(t, c, THU).ref
            for t, c in [(other, None), (task, None), (other, customer), (task, customer)]
        ]
        assert got == [str(row.pk) for row in rows]

    def test_tariff_row_of_another_customer_never_counts(self) -> None:
        builders.tariff("30.00")
        builders.tariff("1.00", customer=builders.customer())
        row = tariff_row(builders.task_type(), builders.customer(), THU)
        assert row.hourly_net == Decimal("30.00")

    def test_tariff_row_latest_before_the_day(self) -> None:
        old = builders.tariff("30.00")
        new = type(old).objects.create(valid_from=date(2026, 12, 1), hourly_net=Decimal(40))
        task = builders.task_type()
        assert tariff_row(task, None, date(2026, 11, 30)).ref == str(old.pk)
        assert tariff_row(task, None, date(2026, 12, 1)).ref == str(new.pk)

    def test_tariff_row_before_any_tariff_is_a_gap(self) -> None:
        builders.tariff()
        with pytest.raises(PricingGap):
            tariff_row(builders.task_type(), None, date(2025, 12, 31))

    def test_tariff_row_without_vat_rate_is_a_gap(self) -> None:
        builders.tariff()
        VatRate.objects.all().delete()
        with pytest.raises(PricingGap):
            tariff_row(builders.task_type(), None, THU)

    def test_vat_percent_changes_with_the_day_of_supply(self) -> None:
        assert Vat().percent("general", date(2024, 8, 31)) == Decimal("24.00")
        assert Vat().percent("general", date(2024, 9, 1)) == Decimal("25.50")

    def test_quote_seller_outside_vat_adds_none(self) -> None:
        builders.tariff()
        builders.organisation(vat_registered=False)
        price = quote(builders.task_type(), None, THU, time(9), 240, 1)
        assert (price.vat_code, price.vat, price.gross) == ("O", Decimal(0), price.net)

    def test_quote_construction_to_a_construction_seller_is_reverse_charge(self) -> None:
        builders.tariff()
        seller = builders.customer(construction_seller=True)
        task = builders.task_type()
        args = (THU, time(9), 240, 1)
        assert quote(task, seller, *args, construction_site=True).vat_code == "AE"
        assert quote(task, seller, *args).vat_code == "S"
        other = builders.customer()
        assert quote(task, other, *args, construction_site=True).vat_code == "S"

    def test_quote_sum_and_vat(self) -> None:
        """The quote shows net, VAT and gross before anything is sent."""
        builders.tariff("32.00")
        price = quote(builders.task_type(), None, THU, time(9), 240, 2)
        assert (price.net, price.vat, price.gross) == (
            Decimal("256.00"),
            Decimal("65.28"),
            Decimal("321.28"),
        )

    def test_quote_on_christmas_eve_uses_the_supplement(self) -> None:
        row = builders.tariff("32.00")
        TariffSupplement.objects.create(tariff=row, kind="eve", percent=Decimal(50))
        price = quote(builders.task_type(), None, date(2026, 12, 24), time(9), 120, 1)
        assert [line.code.split(".")[-1] for line in price.lines] == ["work", "eve"]
        assert price.net == Decimal("96.00")

    def test_prices_from_leaves_customer_prices_out(self) -> None:
        task, other = builders.task_type(), builders.task_type("yard")
        builders.tariff("30.00")
        builders.tariff("35.00", task_type=other)
        builders.tariff("5.00", customer=builders.customer())
        assert prices_from(THU) == {task.pk: Decimal(30), other.pk: Decimal(35)}
