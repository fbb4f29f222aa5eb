"""How long a page of a list is."""

PAGE_SIZE = 50
