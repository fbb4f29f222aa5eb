"""Travel times from a road server that speaks OSRM's `table` service; optional.

`settings.ROADS_URL` names the server, `settings.ROADS_PROFILES` which of our ways to travel it
knows. Whatever goes wrong, the straight line with a detour stands in and the caller is told:
nobody's plan waits for a server. Answer format: https://project-osrm.org/docs/v5.24.0/api/
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.int16]
Place = tuple[float, float]
# OSRM's own default limit is 100 places in a request; a block asks for this many on each side.
BLOCK = 50
# An answer is a few numbers per pair; more than this is not one.
MOST_BYTES = 5_000_000


class RoadsError(Exception):
    """The road server did not give a usable answer; the text says how, for the log and the page."""


@dataclass(frozen=True)
class RoadServer:
    """Where to ask. `profiles`: our mode -> the server's profile; `timeout_s` per request."""

    url: str
    profiles: Mapping[str, str]
    timeout_s: float = 3.0

    def minutes(self, mode: str, sources: Sequence[Place], targets: Sequence[Place]) -> Minutes:
        """Whole minutes, rounded up, from each source to each target ([lat, lon]): (n, m).

        Raises:
            RoadsError: no connection, time-out, an answer that is not OSRM's, no way between.
        """
        found = np.zeros((len(sources), len(targets)), np.int16)
        for a in range(0, len(sources), BLOCK):
            for b in range(0, len(targets), BLOCK):
                block = self._block(mode, sources[a : a + BLOCK], targets[b : b + BLOCK])
                found[a : a + BLOCK, b : b + BLOCK] = block
        return found

    def _block(self, mode: str, sources: Sequence[Place], targets: Sequence[Place]) -> Minutes:
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in [*sources, *targets])
        first = ";".join(str(n) for n in range(len(sources)))
        second = ";".join(str(len(sources) + n) for n in range(len(targets)))
        answer = self._ask(
            f"/table/v1/{self.profiles[mode]}/{places}"
            f"?sources={first}&destinations={second}&annotations=duration"
        )
        if answer.get("code") != "Ok":
            raise RoadsError(f"{answer.get('code')}: {answer.get('message', '')}"[:200])
        try:
            seconds = np.array(answer["durations"], dtype=float)
        except (KeyError, TypeError, ValueError) as error:
            raise RoadsError("the answer has no table of durations") from error
        if seconds.shape != (len(sources), len(targets)):
            raise RoadsError(f"the table is {seconds.shape}, asked for {len(sources)} rows")
        if not np.isfinite(seconds).all() or (seconds < 0).any():
            raise RoadsError("there is no road between some of the places")
        whole = np.ceil(seconds / 60 - 1e-9)
        return np.minimum(whole, np.iinfo(np.int16).max).astype(np.int16)

    def _ask(self, path: str) -> dict[str, Any]:
        server = urlsplit(self.url)
        kind = (
            http.client.HTTPSConnection if server.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(server.hostname or "", server.port, timeout=self.timeout_s)
        try:
            connection.request("GET", server.path.rstrip("/") + path)
            answer = connection.getresponse()
            body = answer.read(MOST_BYTES + 1)
        except (http.client.HTTPException, OSError) as error:
            raise RoadsError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if len(body) > MOST_BYTES:
            raise RoadsError("the answer is too long")
        try:
            # OSRM answers 400 with a JSON body that says why.
            found = json.loads(body)
        except ValueError as error:
            raise RoadsError(f"HTTP {answer.status}, not JSON") from error
        if not isinstance(found, dict):
            raise RoadsError(f"HTTP {answer.status}, not an object")
        return found


def measured(
    server: RoadServer, homes: Mapping[str, Sequence[Place]], sites: Sequence[Place]
) -> tuple[dict[str, Any], list[str]]:
    """`travel.measured` of a planning problem, and what could not be measured.

    `homes`: for each mode the homes of all workers, in the problem's order. A mode that the
    server does not know, or that fails, is left to the straight line; each failure is one text.
    """
    found: dict[str, Any] = {}
    failures: list[str] = []
    for mode, places in homes.items():
        if mode not in server.profiles:
            continue
        try:
            found[mode] = {
                "home_to_site": server.minutes(mode, places, sites).tolist(),
                "site_to_site": server.minutes(mode, sites, sites).tolist(),
            }
        except RoadsError as error:
            failures.append(f"{mode}: {error}")
    return found, failures
