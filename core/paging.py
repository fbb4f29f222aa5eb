"""How long a page of a plain list is; tables of the office say theirs in core/tables.py."""

PAGE_SIZE = 50
