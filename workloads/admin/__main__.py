"""`python -m workloads.admin` takes everything from the environment; `settings` lists the variables."""

import os
import sys

from workloads.admin.server import serve
from workloads.admin.settings import SettingError, Settings


def main() -> int:
    """Serves until SIGTERM or SIGINT; 2 when the environment cannot be used."""
    try:
        settings = Settings.of(os.environ)
        serve(settings, host="0.0.0.0", port=settings.port)  # noqa: S104 - a container's port
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
