"""What each kind of file may hold: one module for each kind."""

from orders.imports.kinds.base import FileKind
from orders.imports.kinds.customers import Customers
from orders.imports.kinds.orders import Orders
from orders.imports.kinds.sites import Sites
from orders.imports.kinds.task_types import TaskTypes
from orders.imports.kinds.workers import Workers

# In the order in which an empty database takes them.
KINDS: dict[str, FileKind] = {
    k.name: k for k in (Customers(), Sites(), TaskTypes(), Workers(), Orders())
}
