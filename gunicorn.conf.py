"""Read by gunicorn from the folder it starts in: load the planner beside each web process."""

from __future__ import annotations


def post_worker_init(worker: object) -> None:
    """After the site is loaded, so that the first sick call need not wait for the planner."""
    from dispatch.plans import warming  # noqa: PLC0415 - needs the settings

    warming.start()
