"""Tests of Askare. MACHINE_CLOCK=2027-06-01T06:00+00:00 moves the date of the machine for them.

It is moved here, before anything of the tests is imported, so that constants of modules, fixtures
of the session, tests on the real clock and processes that tests start all meet that date.
"""

import os
from datetime import datetime

import time_machine

if MACHINE_CLOCK := os.environ.get("MACHINE_CLOCK"):
    time_machine.travel(datetime.fromisoformat(MACHINE_CLOCK), tick=True).start()
