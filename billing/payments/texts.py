"""What the codes of bank files say to a person, in the active language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from billing.rules.bank_lines import NotABankFile


def file_text(error: NotABankFile) -> str:
    """Why a file cannot be read as payments, and what to do."""
    of = {"detail": error.detail}
    return {
        "empty": _("The file is empty."),
        "too_large": _("The file is too large. Fetch a shorter time from the bank."),
        "too_many_rows": _("The file has too many rows. Fetch a shorter time from the bank."),
        "not_xml": _("The file is broken: it cannot be read as XML. Fetch it again."),
        "xml_declares": _("The file has declarations that no bank message has. It was not read."),
        "not_camt": _("This is not a camt.053 or camt.054 file. Choose those in the bank."),
        "camt_other": _("This is a %(detail)s message. Choose camt.053 or camt.054.") % of,
        "camt_damaged": _("Entry %(detail)s cannot be read. Fetch the file again.") % of,
        "csv_columns": _("A column is missing: %(detail)s. The first line must name it.") % of,
        "not_text": _("The file cannot be read as a table. Choose CSV, XLSX or camt."),
        "no_columns": _("The file cannot be read as a table. Choose CSV, XLSX or camt."),
        "broken_xlsx": _("The XLSX file is broken. Save it again."),
    }[error.code]


def row_text(state: str) -> str:
    """What becomes of a row of a bank file."""
    return {
        "full": _("Pays the invoice"),
        "part": _("Pays a part of the invoice"),
        "over": _("More than was open: the rest is the customer's"),
        "undone": _("The bank took it back: the invoice is open again"),
        "known": _("Recorded already"),
        "no_reference": _("No reference number: choose the invoice"),
        "unknown_reference": _("No invoice has this reference: choose the invoice"),
        "not_payable": _("The invoice is credited: choose where it belongs"),
        "twice_like": _("Looks like one that is recorded: check it"),
        "reversal_unknown": _("Taken back, but we have no such payment: check it"),
        "outgoing": _("Money that left: not recorded"),
        "not_booked": _("Not booked yet: comes in a later file"),
        "currency": _("Not in euros: enter it by hand when the bank has exchanged it"),
        "other_account": _("Another account than ours: not recorded"),
        "batch_without_details": _("A batch without its payments: bring in the camt.054 file"),
        "details_differ": _("The payments do not add up to the entry: ask the bank"),
        "damaged": _("The row cannot be read: check day and amount"),
        "nothing": _("No money"),
    }[state]
