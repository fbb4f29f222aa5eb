"""The two inner loops: the best days of one worker at given prices, and cheapest insertion.

Plain loops over arrays, compiled by numba. A *stop* is (order, role, earliest, latest start).
Waiting is free and travel obeys the triangle inequality, so each stop starts as early as it can;
only a rule on breaks makes a second, later start worth trying.
"""

from __future__ import annotations

import numpy as np

from dispatch.planning.jit import loop

# A stop that the worker may not make.
OFF = -1e8
EPS = 1e-6
# Added cost of an order that does not fit a day.
NEVER = 1 << 29


@loop
def after_break(start, reach, duration_min, run_min, slot_min, break_after, break_min):
    """Minutes worked since the last break when the stop ends, or -1 when the run is too long."""
    if break_after == 0:
        return 0
    if (start - reach) * slot_min >= break_min:
        run_min = 0
    if duration_min > break_after:
        # A gig this long has its break inside; the half after it goes on.
        return duration_min // 2 if run_min == 0 else -1
    if run_min + duration_min > break_after:
        return -1
    return run_min + duration_min


@loop
def best_days(
    value,
    stop_order,
    stop_lo,
    stop_hi,
    duration,
    duration_min,
    home,
    home_min,
    leg,
    leg_min,
    near_min,
    near,
    opens,
    closes,
    max_work,
    max_orders,
    break_after,
    break_min,
    slot_min,
    shortcut,
    threshold,
    keep,
    all_or_none,
    found_value,
    found_stops,
    found_length,
):
    """The `keep` best days above `threshold` of one worker in one window.

    `value` (N): worth of each stop; `home` (O) slots and `home_min` (O) minutes of this
    worker, `leg` (O, O) of the worker's mode, `near` and `near_min` (O): least from any other
    site, `shortcut` (O): minutes that a way over the site can be shorter than past it.
    With `all_or_none` it ends as soon as `keep` days are found. Fills `found_value` (keep),
    `found_stops` (keep, max_orders), `found_length` (keep); returns how many were
    found, in no order, and the best value.
    """
    # A stop worth less than nothing by more than the shortcut it offers is in no best day, unless
    # the shortcut also saves more time than the stop takes, which only measured times could do.
    count = 0
    total = value.shape[0]
    pick = np.empty(total, np.int32)
    for n in range(total):
        o = stop_order[n]
        useless = value[n] <= -EPS - shortcut[o] and shortcut[o] <= duration[o] * slot_min
        if value[n] <= OFF or useless:
            continue
        first = max(stop_lo[n], opens + home[o])
        if first <= min(stop_hi[n], (closes - duration_min[o]) // slot_min - home[o]):
            if duration_min[o] <= max_work:
                pick[count] = n
                count += 1
    if count == 0:
        return 0, 0.0
    worth = np.empty(count)
    for i in range(count):
        worth[i] = -value[pick[i]]
    pick = pick[:count][np.argsort(worth)]

    span = (closes + slot_min - 1) // slot_min - opens + 1
    # rest[k, t]: the most that k more orders can bring from slot t on, as if on the way home;
    # lean[k, t]: the same with the least leg to each. Neither knows that an order counts once.
    rest = np.zeros((max_orders + 1, span + 1))
    lean = np.zeros((max_orders + 1, span + 1))
    for k in range(1, max_orders):
        for t in range(span - 1, -1, -1):
            rest[k, t] = rest[k, t + 1]
            lean[k, t] = lean[k, t + 1]
        for i in range(count):
            n = pick[i]
            o = stop_order[n]
            latest = min(stop_hi[n], (closes - duration_min[o]) // slot_min - home[o]) - opens
            lo = stop_lo[n] - opens
            v = value[n] + shortcut[o]
            vl = value[n] - near_min[o]
            for t in range(min(latest - near[o], span - 1), -1, -1):
                start = max(lo, t + near[o])
                end = start + duration[o]
                if end > span:
                    continue
                a = v + rest[k - 1, end]
                if a > rest[k, t]:
                    rest[k, t] = a
                b = vl + lean[k - 1, end]
                if b > lean[k, t]:
                    lean[k, t] = b
                if start == lo and t + near[o] < lo:
                    # Earlier slots are no better than waiting here: carried below.
                    break
        for t in range(span - 1, -1, -1):
            if rest[k, t + 1] > rest[k, t]:
                rest[k, t] = rest[k, t + 1]
            if lean[k, t + 1] > lean[k, t]:
                lean[k, t] = lean[k, t + 1]

    found = 0
    floor = threshold + EPS
    best = 0.0
    path = np.empty(max_orders, np.int32)
    at = np.zeros(max_orders + 1, np.int32)
    times = np.empty(max_orders + 1, np.int32)
    gain = np.empty(max_orders + 1)
    work = np.empty(max_orders + 1, np.int32)
    run = np.empty(max_orders + 1, np.int32)
    times[0] = opens
    gain[0] = 0.0
    work[0] = 0
    run[0] = 0
    variants = 2 if break_after > 0 else 1
    depth = 0
    at[0] = 0
    while depth >= 0:
        i = at[depth]
        if i >= count * variants or depth >= max_orders:
            depth -= 1
            continue
        at[depth] += 1
        n = pick[i // variants]
        o = stop_order[n]
        if depth == 0:
            reach = opens + home[o]
            trip = home_min[o]
        else:
            p = stop_order[pick[path[depth - 1]]]
            again = False
            for d in range(depth):
                if stop_order[pick[path[d]]] == o:
                    again = True
                    break
            if again:
                continue
            reach = times[depth] + leg[p, o]
            trip = leg_min[p, o]
        start = max(stop_lo[n], reach)
        if variants == 2 and i % 2 == 1:
            later = reach + (break_min + slot_min - 1) // slot_min
            if depth == 0 or later <= start:
                continue
            start = later
        if start > min(stop_hi[n], (closes - duration_min[o]) // slot_min - home[o]):
            continue
        if work[depth] + duration_min[o] > max_work:
            continue
        ran = after_break(
            start, reach, duration_min[o], run[depth], slot_min, break_after, break_min
        )
        if ran < 0:
            continue
        end = start + duration[o]
        sofar = gain[depth] + value[n] - trip
        left = max_orders - depth - 1
        t = end - opens
        most = max(
            sofar - home_min[o],
            min(sofar - home_min[o] + rest[left, t], sofar + lean[left, t]),
        )
        if most <= floor:
            # Stops come in falling worth, but legs differ, so the next may still do.
            continue
        path[depth] = i // variants
        whole = sofar - home_min[o]
        if whole > best:
            best = whole
        if whole > floor:
            slot = found
            if found < keep:
                found += 1
            else:
                slot = 0
                for q in range(1, keep):
                    if found_value[q] < found_value[slot]:
                        slot = q
            found_value[slot] = whole
            found_length[slot] = depth + 1
            for d in range(depth + 1):
                found_stops[slot, d] = pick[path[d]]
            if found == keep and all_or_none:
                return found, best
            if found == keep:
                least = found_value[0]
                for q in range(1, keep):
                    least = min(least, found_value[q])
                floor = max(threshold, least) + EPS
        if left > 0:
            depth += 1
            times[depth] = end
            gain[depth] = sofar
            work[depth] = work[depth - 1] + duration_min[o]
            run[depth] = ran
            at[depth] = 0
    return found, best


@loop
def day_travel(
    count,
    orders,
    los,
    his,
    starts,
    opens,
    closes,
    duration,
    duration_min,
    home,
    home_min,
    leg,
    leg_min,
    max_work,
    break_after,
    break_min,
    slot_min,
):
    """Travel minutes of a day of `count` stops, each as early as can be; -1 if it cannot be.

    Fills `starts` (slots). Same rules as `kernel.best_days`.
    """
    # Bit i of `paused`: a whole break before stop i. Without a rule on breaks only 0 is tried.
    for paused in range(1 << count if break_after > 0 else 1):
        travel = 0
        work = 0
        run = 0
        free = opens
        possible = True
        for i in range(count):
            o = orders[i]
            if i == 0:
                reach = free + home[o]
                travel += home_min[o]
            else:
                reach = free + leg[orders[i - 1], o]
                travel += leg_min[orders[i - 1], o]
            start = max(los[i], reach)
            if (paused >> i) & 1:
                start = max(start, reach + (break_min + slot_min - 1) // slot_min)
            run = after_break(start, reach, duration_min[o], run, slot_min, break_after, break_min)
            work += duration_min[o]
            if run < 0 or start > his[i] or work > max_work:
                possible = False
                break
            starts[i] = start
            free = start + duration[o]
        if not possible:
            continue
        if count > 0:
            last = orders[count - 1]
            if starts[count - 1] > (closes - duration_min[last]) // slot_min - home[last]:
                continue
            travel += home_min[last]
        return travel
    return -1


@loop
def cheapest_places(
    order,
    lo,
    hi,
    able,
    pair_cost,
    length,
    route_order,
    route_lo,
    route_hi,
    travel,
    window,
    win_ptr,
    win_open,
    win_close,
    duration,
    duration_min,
    home,
    home_min,
    leg,
    leg_min,
    mode,
    max_work,
    max_orders,
    break_after,
    break_min,
    slot_min,
    extra,
    place,
    place_window,
):
    """What the order would add to each worker's day, at the best place in it.

    Fills `extra` (W; NEVER when it cannot be), `place` (W) and `place_window` (W).
    """
    workers = able.shape[0]
    orders = np.empty(max_orders + 1, np.int32)
    los = np.empty(max_orders + 1, np.int32)
    his = np.empty(max_orders + 1, np.int32)
    starts = np.empty(max_orders + 1, np.int32)
    for w in range(workers):
        extra[w] = NEVER
        if not able[w] or length[w] >= max_orders:
            continue
        taken = False
        for i in range(length[w]):
            if route_order[w, i] == order:
                taken = True
        if taken:
            continue
        first = win_ptr[w]
        last = win_ptr[w + 1]
        if length[w] > 0:
            first = win_ptr[w] + window[w]
            last = first + 1
        for v in range(first, last):
            for at in range(length[w] + 1):
                for i in range(length[w] + 1):
                    if i < at:
                        orders[i] = route_order[w, i]
                        los[i] = route_lo[w, i]
                        his[i] = route_hi[w, i]
                    elif i == at:
                        orders[i] = order
                        los[i] = lo
                        his[i] = hi
                    else:
                        orders[i] = route_order[w, i - 1]
                        los[i] = route_lo[w, i - 1]
                        his[i] = route_hi[w, i - 1]
                total = day_travel(
                    length[w] + 1,
                    orders,
                    los,
                    his,
                    starts,
                    win_open[v],
                    win_close[v],
                    duration,
                    duration_min,
                    home[w],
                    home_min[w],
                    leg[mode[w]],
                    leg_min[mode[w]],
                    max_work[w],
                    break_after[w],
                    break_min[w],
                    slot_min,
                )
                if total >= 0 and total - travel[w] + pair_cost[w] < extra[w]:
                    extra[w] = total - travel[w] + pair_cost[w]
                    place[w] = at
                    place_window[w] = v - win_ptr[w]


@loop
def shortcuts(leg_min, home_min, mode, loose):
    """Minutes by which the way over each site can be shorter than the direct one (W, O).

    Only sites in `loose` (O) are looked at; at the others no way over them is shorter.
    """
    workers, sites = home_min.shape
    sited = np.zeros((leg_min.shape[0], sites), np.int16)
    for m in range(leg_min.shape[0]):
        for o in range(sites):
            if not loose[o]:
                continue
            for a in range(sites):
                if a == o:
                    continue
                for b in range(sites):
                    if b != o and b != a:
                        saved = leg_min[m, a, b] - leg_min[m, a, o] - leg_min[m, o, b]
                        sited[m, o] = max(sited[m, o], saved)
    most = np.zeros((workers, sites), np.int16)
    for w in range(workers):
        legs = leg_min[mode[w]]
        for o in range(sites):
            if not loose[o]:
                continue
            best = sited[mode[w], o]
            for a in range(sites):
                if a != o:
                    best = max(best, home_min[w, a] - home_min[w, o] - legs[o, a])
                    best = max(best, home_min[w, a] - home_min[w, o] - legs[a, o])
            most[w, o] = best
    return most
