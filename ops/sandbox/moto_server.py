"""`python -m ops.sandbox.moto_server FD`: AWS' API, served by moto on a listening socket."""

import logging
import sys

from moto.awslambda.models import LambdaBackend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server


def main(descriptor: int) -> None:
    """Serves until it is ended."""
    # moto would run the function in Docker once a record; the sandbox's own mapping delivers batches instead.
    setattr(LambdaBackend, "send_kinesis_message", lambda *_args, **_kwargs: None)  # noqa: B010  mypy: a method
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request is half of its time
    make_server(
        "127.0.0.1",
        0,
        DomainDispatcherApplication(create_backend_app),
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=descriptor,
    ).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
