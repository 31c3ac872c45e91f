"""`python -m workloads.admin` takes everything from the environment; `settings` lists the variables."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

import waitress

from workloads.admin.app import create_app
from workloads.admin.settings import SettingError, Settings

THREADS = 16  # most wait for AWS, MLflow or Airflow
MAX_REQUEST_BYTES = 1024 * 1024  # less is refused with a page


def main() -> int:
    """Serves until SIGTERM or SIGINT; 2 when the environment cannot be used."""
    try:
        settings = Settings.of(os.environ)
        app = create_app(settings)
        server = waitress.create_server(
            app,
            host="0.0.0.0",  # noqa: S104 - a container's port, published by the compose file
            port=settings.port,
            threads=THREADS,
            max_request_body_size=MAX_REQUEST_BYTES,
            ident=None,
        )
    except SettingError as error:
        print(f"the admin GUI cannot start: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(
            f"the admin GUI cannot start: ADMIN_PORT: {settings.port} cannot be used ({error}); choose "
            "a free port",
            file=sys.stderr,
        )
        return 2
    print(f"the admin GUI listens on port {settings.port}", flush=True)
    signal.signal(signal.SIGTERM, _stop)
    app.extensions["platform"].healths()  # so that the first page finds answers
    with suppress(KeyboardInterrupt):
        server.run()
    app.extensions["platform"].stop()
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt  # which waitress closes its connections for


if __name__ == "__main__":
    sys.exit(main())
