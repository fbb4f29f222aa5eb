"""E-invoices: a frozen document in, bytes out. Pure, see billing.papers.einvoice.formats."""
