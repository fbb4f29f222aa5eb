"""What is wrong with a cell or a file, and what to do, in the user's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from orders.customers.texts import buyer_text
from orders.imports.services import Problem


def file_text(code: str) -> str:
    """Why a file could not be read at all."""
    return {
        "empty": _("The file is empty. Choose a file that has headings on its first line."),
        "too_large": _("The file is larger than 5 MB. Split it in two and send the parts."),
        "too_many_rows": _("The file has over 20,000 rows. Split it and send the parts."),
        "not_text": _("This is not a table. Save it as CSV or XLSX and try again."),
        "no_columns": _(
            "Only one column was found. Separate the columns with ; or , or save as XLSX."
        ),
        "broken_xlsx": _("The XLSX file cannot be opened. Save it again in Excel and retry."),
    }[code]


def problem_text(p: Problem) -> str:
    """The remedy for one problem."""
    n = p.numbers
    if p.code == "rule":
        return p.rule_text
    return (
        buyer_text(p.code)
        or {
            "column_missing": _("This column is missing. Add it to the first line of the file."),
            "required": _("The cell is empty. Fill it in."),
            "number": _("Write a number, for example 32,50."),
            "whole": _("Write a whole number."),
            "between": _("Write a number from %(least)s to %(most)s.")
            % {"least": n.get("least"), "most": n.get("most")},
            "long": _("The text is too long. Write at most %(most)s characters.")
            % {"most": n.get("most")},
            "positive": _("The price must be more than 0."),
            "day": _("Write the date as 1.12.2026."),
            "clock": _("Write the time as 9.00."),
            "spans": _("Write the hours as 8-16, or leave the cell empty."),
            "span_order": _("The end must be after the start, for example 8-16."),
            "hours": _("Write the hours as 4 or 2,5."),
            "business_id": _(
                "This is not a Y-tunnus. Check it: 7 digits, a dash and a check digit."
            ),
            "postal_code": _("Write the postcode with 5 digits, for example 53100."),
            "picture": _(
                "There is no picture of this name. Use a name of lucide.dev, for example truck, or "
                "leave it empty."
            ),
            "postal_code_unknown": _("There is no such postcode in Finland. Check it."),
            "email": _("Write the e-mail address in the form name@company.fi."),
            "phone": _("Enter a phone number, for example 040 123 4567."),
            "code": _("Write the code with letters a-z, digits and hyphens."),
            "yes": _("Write yes or no."),
            "choice": _("Use one of these words: %(words)s.") % {"words": n.get("words")},
            "number_taken": _("Another customer has this number. Give this one its own."),
            "customer_unknown": _("No customer has this Y-tunnus. Import the customers first."),
            "task_unknown": _("There is no such task. Use a name from the task list."),
            "birth_date": _("Check the date of birth."),
            "ends_before": _("The end is before the start. Check the dates."),
            "order_exists": _(
                "Order %(number)s is already here with other details. Change it on its own page."
            )
            % {"number": n.get("number")},
            "twice": _("The same row is already on line %(line)s. Remove one of them.")
            % {"line": n.get("line")},
        }[p.code]
    )
