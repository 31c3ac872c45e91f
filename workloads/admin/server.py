"""Serves the pages, and keeps what they show current from the start."""

import signal
from contextlib import suppress
from types import FrameType
from typing import Any

import waitress

from workloads.admin.app import create_app
from workloads.admin.settings import Settings

THREADS = 16  # most wait for AWS, MLflow or Airflow
MAX_REQUEST_BYTES = 1024 * 1024  # less is refused with a page


def serve(settings: Settings, **where: Any) -> None:
    """Returns after SIGTERM or SIGINT.

    Args:
        settings: What the pages show.
        where: As waitress takes it: `host` and `port`, or `sockets` that listen already.

    Raises:
        OSError: the port cannot be used.
    """
    app = create_app(settings)
    server = waitress.create_server(
        app, threads=THREADS, max_request_body_size=MAX_REQUEST_BYTES, ident=None, **where
    )
    signal.signal(signal.SIGTERM, _stop)
    platform = app.extensions["platform"]
    platform.start()
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)  # or the first view of each page compiles it
    if "port" in where:
        print(f"the admin GUI listens on port {where['port']}", flush=True)
    with suppress(KeyboardInterrupt):
        server.run()
    platform.stop()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt  # which waitress closes its connections for
