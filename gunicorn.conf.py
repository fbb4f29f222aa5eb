"""Read by gunicorn from the folder it starts in: tell each web process that it is one."""

from __future__ import annotations


def post_worker_init(_worker: object) -> None:
    """So that it loads the planner when a sick call begins, before the plan is asked for."""
    from dispatch.plans import warming  # noqa: PLC0415 - needs the settings

    warming.serve_web()
