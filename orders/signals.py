"""News of orders for the apps above; sent inside the transaction that makes them true.

Every signal carries `order`, `by` (User or None) and `now`; `order_moved` carries
`before` as well: the order's earlier `starts_at` and `ends_at`. A receiver takes
`**kwargs` and may raise RuleBroken, which undoes the change.
"""

from django.dispatch import Signal

order_cancelled = Signal()
order_moved = Signal()
order_changed = Signal()
"""Any other change of status; carries `action` too."""
