"""Road times: OSRM's table format against a server of our own, and everything that can go wrong."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from dispatch.eligibility.roads import RoadsError, RoadServer, measured
from dispatch.planning.problem import read_problem

Answer = Callable[[str, list[tuple[float, float]], list[int], list[int]], tuple[int, Any]]
SILENT_S = 2.0


def seconds_apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    """A town of straight streets: 100,000 s a degree, so that each pair differs."""
    return (abs(a[0] - b[0]) + abs(a[1] - b[1])) * 100_000


def osrm(profile: str, places: list[tuple[float, float]], first: list[int], second: list[int]):
    if len(places) > 100:
        return 400, {"code": "TooBig", "message": "Too many table coordinates"}
    rows = [[seconds_apart(places[i], places[j]) for j in second] for i in first]
    return 200, {"code": "Ok", "durations": rows}


@pytest.fixture
def road_server() -> Iterator[Callable[[Answer], RoadServer]]:
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer, timeout_s: float = 2.0) -> RoadServer:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts, query = urlsplit(self.path).path.split("/"), urlsplit(self.path).query
                wanted = parse_qs(query)
                places = [tuple(map(float, p.split(",")))[::-1] for p in parts[4].split(";")]
                first = [int(n) for n in wanted["sources"][0].split(";")]
                second = [int(n) for n in wanted["destinations"][0].split(";")]
                status, body = answer(parts[3], places, first, second)
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return RoadServer(f"http://127.0.0.1:{server.server_port}", {"car": "driving"}, timeout_s)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


HOMES = [(61.0 + n / 1000, 28.0) for n in range(120)]
SITES = [(61.0, 28.1 + n / 1000) for n in range(70)]


def test_minutes_more_places_than_one_request_takes_whole_table(road_server):
    """Blocks are put together; the server refuses more than 100 places at once."""
    got = road_server(osrm).minutes("car", HOMES, SITES)
    want = [[np.ceil(round(seconds_apart(a, b), 6) / 60 - 1e-9) for b in SITES] for a in HOMES]
    assert got.shape == (120, 70)
    assert (got == np.array(want)).all()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda *a: (400, {"code": "NoTable", "message": "no"}), "NoTable"),
        (lambda *a: (200, {"code": "Ok"}), "no table"),
        (lambda *a: (200, {"code": "Ok", "durations": [[1.0]]}), "asked for"),
        (lambda p, c, f, s: (200, {"code": "Ok", "durations": [[None] * len(s)] * len(f)}), "road"),
        (lambda *a: (502, b"<html>Bad gateway</html>"), "502"),
        (lambda *a: (200, b"[1, 2]"), "not an object"),
    ],
)
def test_minutes_unusable_answer_raises_and_says_why(road_server, answer, says):
    with pytest.raises(RoadsError, match=says):
        road_server(answer).minutes("car", HOMES[:2], SITES[:2])


def test_minutes_silent_server_gives_up_in_time(road_server):
    def silent(*_: Any) -> tuple[int, Any]:
        time.sleep(SILENT_S)
        return 200, {}

    began = time.monotonic()
    with pytest.raises(RoadsError, match="Timeout"):
        road_server(silent, 0.2).minutes("car", HOMES[:2], SITES[:2])
    assert time.monotonic() - began < SILENT_S


def test_minutes_nobody_listens_raises():
    with pytest.raises(RoadsError, match="Refused"):
        RoadServer("http://127.0.0.1:9", {"car": "driving"}).minutes("car", HOMES[:1], SITES[:1])


def _problem(travel: dict[str, Any]) -> dict[str, Any]:
    worker = {
        "id": "w", "home": [61.0, 28.0], "mode": "car", "available": [[420, 1000]],
        "max_work_min": 480, "skills": [], "can_coach": False, "fairness_per_hour": 0,
    }  # fmt: skip
    order = {
        "duration_min": 60, "earliest_start_min": 600, "latest_start_min": 600,
        "workers_needed": 1, "skills": [], "coach_on_site": False, "priority": "normal",
        "preferred": [], "familiar": [], "blocked": [],
    }  # fmt: skip
    return {
        "format": "askare-planning-problem/1", "name": "t", "date": "2026-11-23", "slot_min": 15,
        "travel": {"detour": 1.3, "same_place_km": 0.05, "max_home_min": 600,
                   "modes": {"car": {"kmh": 35.0, "fixed_min": 4.0}}, **travel},
        "limits": {"max_orders_per_worker": 4},
        "weights": {"unfilled": {"normal": 1000}, "unfilled_per_hour": 100, "pair_base": 60,
                    "preferred": -40, "familiar": -20, "pair_min": 0, "pair_max": 100},
        "workers": [worker],
        "orders": [{"id": "a", "site": [61.0, 28.01], **order},
                   {"id": "b", "site": [61.02, 28.0], **order}],
    }  # fmt: skip


def test_measured_times_reach_the_problem(road_server):
    sites = [(61.0, 28.01), (61.02, 28.0)]
    found, failures = measured(road_server(osrm), {"car": [(61.0, 28.0)]}, sites)
    problem = read_problem(_problem({"measured": found}))
    assert failures == []
    assert problem.home_min.tolist() == [[17, 34]]
    assert problem.leg_min[0].tolist() == [[0, 50], [50, 0]]


def test_measured_server_fails_straight_line_stands_in_and_says_so(road_server):
    broken = road_server(lambda *a: (503, b"down"))
    found, failures = measured(broken, {"car": [(61.0, 28.0)]}, [(61.0, 28.01)])
    assert found == {}
    assert failures == ["car: HTTP 503, not JSON"]
    assert read_problem(_problem({"measured": found})).home_min.tolist() == [[6, 9]]


def test_measured_unknown_mode_is_left_to_the_straight_line(road_server):
    found, failures = measured(road_server(osrm), {"walk": [(61.0, 28.0)]}, [(61.0, 28.01)])
    assert (found, failures) == ({}, [])
