"""News of assignments for the apps above; sent inside the transaction that makes them true.

`assignment_changed` carries `assignment` (fresh), `action` (AssignmentAction), `by` (User
or None), `now` and `at` (the instant of a check-in or check-out, else `now`). A receiver
takes `**kwargs` and may raise RuleBroken, which undoes the change.
"""

from django.dispatch import Signal

assignment_changed = Signal()
