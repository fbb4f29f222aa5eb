"""What each kind of file may hold."""

from orders.imports.kinds.base import KINDS, Column, Kind, Wanted, fitting

__all__ = ["KINDS", "Column", "Kind", "Wanted", "fitting"]
