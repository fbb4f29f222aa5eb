"""The file of workers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from accounts.models import User
from core import cells
from core.cells import BadCell
from core.zone import local_date
from orders.imports.kinds.base import (
    ADDRESS,
    COORDINATES,
    EMAIL,
    PHONE,
    FileColumn,
    FileKind,
    WantedRow,
    choice,
    current,
    fitting,
    point_of,
    present,
    write_fields,
)
from orders.imports.kinds.skills import skill_called, skill_names
from workers.models import Engagement, TravelMode, WeeklyAvailability, Worker

WEEKDAYS = ("ma", "ti", "ke", "to", "pe", "la", "su")
WEEKDAY_HEADINGS = (
    ("ma", "maanantai", "mån", "måndag", "mon", "monday"),
    ("ti", "tiistai", "tis", "tisdag", "tue", "tuesday"),
    ("ke", "keskiviikko", "ons", "onsdag", "wed", "wednesday"),
    ("to", "torstai", "tor", "torsdag", "thu", "thursday"),
    ("pe", "perjantai", "fre", "fredag", "fri", "friday"),
    ("la", "lauantai", "lör", "lördag", "sat", "saturday"),
    ("su", "sunnuntai", "sön", "söndag", "sun", "sunday"),
)


MODES = {
    "kävellen": "walk", "jalan": "walk", "till fots": "walk", "walk": "walk",
    "pyörä": "bike", "polkupyörä": "bike", "cykel": "bike", "bike": "bike",
    "bussi": "bus", "buss": "bus", "bus": "bus", "auto": "car", "bil": "car", "car": "car",
}  # fmt: skip


ENGAGEMENTS = {
    "työsuhde": "employment", "anställning": "employment", "employment": "employment",
    "palkkatuki": "pay_subsidy", "lönesubvention": "pay_subsidy", "pay_subsidy": "pay_subsidy",
    "työkokeilu": "work_trial", "arbetsprövning": "work_trial", "work_trial": "work_trial",
    "oppisopimus": "apprenticeship", "läroavtal": "apprenticeship",
    "apprenticeship": "apprenticeship", "koulutussopimus": "training_agreement",
    "utbildningsavtal": "training_agreement", "training_agreement": "training_agreement",
    "tet": "school_practice", "prao": "school_practice", "school_practice": "school_practice",
    "kuntouttava työtoiminta": "rehabilitative", "rehabilitative": "rehabilitative",
}  # fmt: skip


class Workers(FileKind):
    name = "workers"
    columns = (
        FileColumn(
            "worker_no",
            ("Työntekijänumero", "Numero", "Arbetstagarnummer", "Worker number"),
            required=True,
        ),
        FileColumn("first_name", ("Etunimi", "Förnamn", "First name"), required=True),
        FileColumn("last_name", ("Sukunimi", "Efternamn", "Last name"), required=True),
        FileColumn(
            "birth_date", ("Syntymäaika", "Födelsedatum", "Date of birth"), cells.day, required=True
        ),
        PHONE,
        EMAIL,
        *ADDRESS,
        *COORDINATES,
        FileColumn("travel_mode", ("Kulkutapa", "Färdsätt", "Travels"), partial(choice, MODES)),
        FileColumn("skills", ("Taidot", "Kunskaper", "Skills"), cells.words),
        *(FileColumn(d, h, cells.spans) for d, h in zip(WEEKDAYS, WEEKDAY_HEADINGS, strict=True)),
        FileColumn(
            "engagement",
            ("Sopimus", "Avtal", "Engagement"),
            partial(choice, ENGAGEMENTS),
            required=True,
        ),
        FileColumn("starts_on", ("Alkaen", "Från", "From"), cells.day, required=True),
        FileColumn("ends_on", ("Päättyen", "Till", "To"), cells.day),
        FileColumn(
            "week_hours",
            ("Tunteja viikossa enintään", "Timmar per vecka", "Hours a week"),
            cells.hours,
        ),
        FileColumn("payroll_no", ("Palkkanumero", "Lönenummer", "Payroll number")),
    )

    def wanted(self, values: Mapping[str, Any], *, now: datetime) -> WantedRow:
        if not 1920 <= values["birth_date"].year < local_date(now).year:
            raise BadCell("birth_date", column="birth_date")
        if values.get("ends_on") and values["ends_on"] < values["starts_on"]:
            raise BadCell("ends_before", column="ends_on")
        row = Worker.objects.filter(worker_no=values["worker_no"]).first()
        fields = present(
            values, "worker_no", "first_name", "last_name", "birth_date", "email", "street",
            "phone", "postal_code", "travel_mode", "payroll_no",
        )  # fmt: skip
        point = point_of(values)
        fields["city"] = point["city"]
        moved = row is None or row.postal_code != values["postal_code"] or values.get("lat")
        if moved:
            fields |= {"lat": point["lat"], "lon": point["lon"]}
        fitting(Worker, fields)
        now_values = current(row, fields)
        if row and "phone" in now_values:
            now_values["phone"] = str(row.phone)
        if values.get("skills"):
            fields["skills"] = frozenset(w.casefold() for w in values["skills"])
            now_values["skills"] = skill_names(row) if row else None
        if any(values.get(d) is not None for d in WEEKDAYS):
            fields["week"] = tuple(
                (n, start, end)
                for n, d in enumerate(WEEKDAYS)
                for start, end in values.get(d) or ()
            )
            now_values["week"] = (
                tuple(row.weekly_availability.values_list("weekday", "starts", "ends"))
                if row
                else None
            )
        fields["contract"] = (
            values["engagement"],
            values["starts_on"],
            values.get("ends_on"),
            values.get("week_hours"),
        )
        if row:
            found = row.engagements.filter(starts_on=values["starts_on"]).first()
            now_values["contract"] = found and (
                found.kind,
                found.starts_on,
                found.ends_on,
                found.weekly_max_min,
            )
        label = f"{values['first_name']} {values['last_name']}"
        return WantedRow(label, values["worker_no"], row, fields, now_values)

    def write(self, wanted: WantedRow, *, by: User | None, now: datetime) -> None:
        fields = dict(wanted.values)
        skills = fields.pop("skills", None)
        week = fields.pop("week", None)
        kind, starts_on, ends_on, week_min = fields.pop("contract")
        row = wanted.found
        if row is None:
            row = Worker.objects.create(**({"travel_mode": TravelMode.BUS} | fields))
        else:
            write_fields(row, fields)
        if skills is not None:
            row.skills.set([skill_called(name) for name in skills])
        if week is not None:
            row.weekly_availability.all().delete()
            WeeklyAvailability.objects.bulk_create(
                WeeklyAvailability(worker=row, weekday=n, starts=start, ends=end)
                for n, start, end in week
            )
        Engagement.objects.update_or_create(
            worker=row,
            starts_on=starts_on,
            defaults={"kind": kind, "ends_on": ends_on, "weekly_max_min": week_min},
        )
