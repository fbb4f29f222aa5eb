"""A process that says what time it is: `python -m tests.clock_child`."""

import sys
from datetime import UTC, datetime


def main() -> None:
    """Say it."""
    sys.stdout.write(datetime.now(tz=UTC).isoformat())


if __name__ == "__main__":
    main()
