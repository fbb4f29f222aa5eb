"""Accounts of the demo, our own organisation, skills, tasks and tariffs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from accounts.models import Organisation, Role, User
from billing.demo.names import SKILLS, TASKS
from billing.demo.region import Region
from orders.models import Tariff, TariffSupplement, TaskType, VatRate
from workers.models import Skill

PASSWORD = "askare-demo-2026"  # noqa: S105 - printed on purpose, demo accounts only
ACCOUNTS = (
    (Role.ADMIN, "Antti Ylönen"),
    (Role.DISPATCHER, "Liisa Välittäjä"),
    (Role.COACH, "Pekka Valmentaja"),
    (Role.FINANCE, "Raija Laskuttaja"),
    (Role.MANAGER, "Mervi Johtaja"),
    (Role.WORKER, "Aino Mäki"),
    (Role.CUSTOMER, "Maija Virtanen"),
)
# What is done to goods and papers, not to a building or a yard.
MOVABLE_WORK = frozenset({"office", "archive", "packing", "shelving"})


def make_accounts(region: Region) -> None:
    """One account for each role, and our own organisation unless there is one."""
    password = make_password(PASSWORD)
    region.users = {
        role: User.objects.create(
            email=f"{role.value}@askare.example",
            name=name,
            role=role,
            password=password,
            is_staff=role == Role.ADMIN,
            is_superuser=role == Role.ADMIN,
        )
        for role, name in ACCOUNTS
    }
    if not Organisation.objects.exists():
        Organisation.objects.create(
            name="Askare Saimaa ry",
            business_id="2345678-0",
            street="Valtakatu 30",
            postal_code="53100",
            city="Lappeenranta",
            phone="05 123 4567",
            email="palvelu@askare.example",
            contact_name="Liisa",
            iban="FI2112345600000785",
            bic="NDEAFIHH",
            e_invoice_address="003723456780",
            e_invoice_operator="003723327487",
        )


def make_catalogue(region: Region) -> None:
    """Skills, the rate of VAT, and tasks with a tariff that holds since last year."""
    region.skills = {
        code: Skill.objects.get_or_create(
            code=code, defaults={"name_fi": fi, "name_sv": sv, "name_en": en}
        )[0]
        for code, fi, sv, en in SKILLS
    }
    VatRate.objects.get_or_create(
        kind="general",
        valid_from=date(2024, 9, 1),
        defaults={"percent": Decimal("25.5"), "source": "AVL 84 §, 1.9.2024"},
    )
    region.task_skills = {code: frozenset(needs) for code, *_, needs, _s, _p, _a, _h in TASKS}
    first_day = region.today.replace(month=1, day=1) - timedelta(days=366)
    for sort, (code, icon, name, text, wear, skills, strains, price, age, hazard) in enumerate(
        TASKS
    ):
        row = TaskType.objects.create(
            code=code,
            icon=icon,
            sort=sort * 10,
            strains=list(strains),
            min_age=age,
            hazardous=hazard,
            light_work=not hazard,
            real_property=code not in MOVABLE_WORK,
            **dict(zip(("name_fi", "name_sv", "name_en"), name, strict=True)),
            **dict(zip(("description_fi", "description_sv", "description_en"), text, strict=True)),
            **dict(zip(("wear_fi", "wear_sv", "wear_en"), wear, strict=True)),
        )
        row.skills.set([region.skills[s] for s in skills])
        tariff = Tariff.objects.create(
            task_type=row, valid_from=first_day, hourly_net=Decimal(price), min_charge_min=120
        )
        TariffSupplement.objects.bulk_create(
            TariffSupplement(
                tariff=tariff, kind=kind, percent=Decimal(percent), from_min=start, to_min=end
            )
            for kind, percent, start, end in (
                ("evening", 15, 18 * 60, 22 * 60),
                ("saturday", 20, 0, 1440),
                ("sunday", 100, 0, 1440),
                ("holiday", 100, 0, 1440),
            )
        )
        region.tasks[code] = row
