"""Who hangs together: workers that some order could use alike. Needs no solver."""

from __future__ import annotations

import numpy as np

from dispatch.planning.problem import Bools


def groups(able: Bools) -> list[tuple[int, ...]]:
    """Groups of workers (rows) such that no order (column) could use people of two groups.

    `able`: workers × orders. Workers who can do nothing are in no group. Biggest group first.
    """
    workers = len(able)
    group = np.full(workers, -1)
    found: list[tuple[int, ...]] = []
    for seed in range(workers):
        if group[seed] >= 0 or not able[seed].any():
            continue
        members = np.zeros(workers, bool)
        members[seed] = True
        orders: Bools = np.array(able[seed, :])
        while True:
            wider = able[:, orders].sum(axis=1) > 0
            if (wider == members).all():
                break
            members = wider
            orders = able[members].sum(axis=0) > 0
        group[members] = len(found)
        found.append(tuple(int(w) for w in np.flatnonzero(members)))
    return sorted(found, key=len, reverse=True)
