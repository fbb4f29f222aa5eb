"""Invoices and hour logs on paper, by reportlab."""
