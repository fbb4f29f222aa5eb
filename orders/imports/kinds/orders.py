"""The file of orders."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from accounts.models import User
from core import cells
from core.cells import BadCell
from core.languages import Language
from core.violations import RuleBroken
from orders.imports.kinds.base import (
    ADDRESS,
    BUSINESS_ID,
    EMAIL,
    ORDER_KEYS,
    PHONE,
    FileColumn,
    FileKind,
    WantedRow,
    current,
    customer_named,
    fitting,
    point_of,
)
from orders.models import Site, TaskType, WorkOrder
from orders.ordering.order_draft import OrderDraft, order_violations
from orders.ordering.services import place_order

# Texts of an order that a column of another name holds.
IN_ANOTHER_COLUMN = {
    "site_contact_name": "site_contact",
    "orderer_email": "email",
    "orderer_phone": "phone",
    "customer_reference": "reference",
}


class Orders(FileKind):
    name = "orders"
    columns = (
        FileColumn(
            "external_no", ("Tilausnumero", "Tilaus", "Beställning", "Order number"), required=True
        ),
        BUSINESS_ID,
        FileColumn("task", ("Tehtävä", "Tehtävälaji", "Uppgift", "Task"), required=True),
        FileColumn("works_on", ("Päivä", "Pvm", "Datum", "Date"), cells.day, required=True),
        FileColumn("starts", ("Alkaa", "Kello", "Börjar", "Starts"), cells.clock, required=True),
        FileColumn(
            "duration", ("Kesto h", "Kesto", "Längd h", "Duration h"), cells.hours, required=True
        ),
        FileColumn(
            "people",
            ("Tekijöitä", "Henkilöitä", "Personer", "People"),
            partial(cells.whole, least=1, most=20),
        ),
        FileColumn("street", ADDRESS[0].headings, required=True),
        *ADDRESS[1:],
        FileColumn(
            "site_contact",
            ("Vastaanottaja", "Kuka ottaa vastaan", "Mottagare", "Who meets"),
            required=True,
        ),
        PHONE,
        EMAIL,
        FileColumn("wear", ("Vaatetus", "Varusteet", "Klädsel", "What to wear")),
        FileColumn("hazards", ("Vaarat", "Risker", "Hazards")),
        FileColumn("description", ("Lisätiedot", "Kuvaus", "Tilläggsuppgifter", "Description")),
        FileColumn("reference", ("Viite", "Viitteenne", "Er referens", "Your reference")),
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> WantedRow:
        owner = customer_named(values)
        name = values["task"].casefold()
        task = next(
            (
                t
                for t in TaskType.objects.filter(active=True)
                if name in {t.code.casefold(), t.name_fi.casefold(), t.name_sv.casefold()}
            ),
            None,
        )
        if task is None:
            raise BadCell("task_unknown", column="task")
        contact = owner.contacts.first()
        draft = OrderDraft(
            form_key=uuid.uuid5(ORDER_KEYS, f"{owner.business_id} {values['external_no']}"),
            customer=owner,
            task_type=task,
            works_on=values["works_on"],
            starts=values["starts"],
            duration_min=values["duration"],
            people=values.get("people") or 1,
            street=values["street"],
            postal_code=values["postal_code"],
            city=point_of(values)["city"],
            orderer_name=contact.name if contact else values["site_contact"],
            orderer_email=values.get("email") or (contact.email if contact else ""),
            orderer_phone=values.get("phone") or "",
            site_contact_name=values["site_contact"],
            site_contact_phone=values.get("phone") or "",
            wear=values.get("wear") or "",
            hazards=values.get("hazards") or "",
            description=values.get("description") or "",
            customer_reference=values.get("reference") or "",
            language=Language(owner.language).value,
        )
        fitting(Site, {"street": draft.street, "city": draft.city})
        texts = ("wear", "hazards", "description", *IN_ANOTHER_COLUMN)
        fitting(WorkOrder, {n: getattr(draft, n) for n in texts}, **IN_ANOTHER_COLUMN)
        names = ("works_on", "starts", "duration_min", "people", "site_contact_name")
        fields = {n: getattr(draft, n) for n in names}
        row = WorkOrder.objects.filter(form_key=draft.form_key).first()
        if row is None:
            violations = order_violations(draft, by=None, now=now)
            if violations:
                raise RuleBroken(violations)
        elif current(row, fields) != fields:
            # People may already have been told of it: an order is changed on its own page.
            raise BadCell("order_exists", column="external_no", number=row.number)
        label = f"{owner}: {task}"
        return WantedRow(
            label,
            draft.form_key,
            row,
            {**fields, "draft": draft},
            {**fields, "draft": draft} if row else {},
        )

    def write(self, wanted: WantedRow, *, by: User | None, now: datetime) -> None:
        place_order(wanted.values["draft"], by=by, now=now)
