"""The points of a candidate: what weighs how much."""

from __future__ import annotations

import numpy as np

from dispatch.rules.codes import ALL_SOFT, NOT_FREE
from dispatch.rules.rank_arrays import Around, Ints, Job, Staff

# Whole points, so that the parts add up to the score exactly. What weighs how much is a choice of
# the service, not of law: a short trip and a fair share of hours first, then people who know the
# place, then wishes; somebody who has not said they are free comes after all who have. This is the
# one table: the full list of candidates reads it too.
PARTS = ("near", "share", "familiar", "experience", "preferred", "not_free", "notes")
NEAR, SHARE, FAMILIAR, KNOWS_WORK, PREFERRED = 40, 30, 15, 5, 10
POINTS_NOTE, POINTS_NOT_FREE = -10, -40


def points_of(
    staff: Staff, around: Around, job: Job, codes: Ints, leg_in: Ints, week_min: Ints
) -> Ints:
    """Points W x P."""
    # Column by column in memory: each part is written and added in one stroke.
    parts = np.zeros((len(PARTS), len(staff.lat)), dtype=np.int64).T
    longest, wish = np.maximum(staff.max_trip_min, 1), np.maximum(staff.wish_min, 1)
    lacking = np.minimum(np.maximum(wish - week_min, 0), wish)
    parts[:, 0] = np.rint(NEAR * np.maximum(longest - leg_in, 0) / longest)
    parts[:, 1] = np.rint(SHARE * lacking / wish)
    parts[:, 2] = FAMILIAR * around.at_site
    parts[:, 3] = KNOWS_WORK * (around.done > 0)
    liked = around.liked
    whole = (liked.start <= job.start) & (liked.end >= job.end)
    parts[liked.worker[whole], 4] = PREFERRED
    parts[:, 5] = POINTS_NOT_FREE * ((codes & NOT_FREE) != 0)
    parts[:, 6] = POINTS_NOTE * np.bitwise_count(codes & ALL_SOFT).astype(np.int64)
    return parts
