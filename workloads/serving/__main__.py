"""`python -m workloads.serving`: serves the model that DATA_BUCKET, MODEL_NAME and MODEL_ALIAS name."""

import os
import sys
import time

import uvicorn

from models import Alias
from s3 import Bucket
from workloads.serving.app import Service

DRAIN_SECONDS = 20  # that requests at work may take after SIGTERM
MOST_CONNECTIONS = 1000


def main() -> None:
    """Serves until SIGTERM, after which requests at work are answered and no more are taken."""
    missing = [name for name in ("DATA_BUCKET", "MODEL_NAME", "MODEL_ALIAS") if not os.environ.get(name)]
    if missing:
        print(f"serving: {', '.join(missing)}: not set; set what the stack's function has", file=sys.stderr)
        raise SystemExit(2)
    name, seconds = os.environ["MODEL_NAME"], float(os.environ.get("MODEL_CHECK_SECONDS", "60"))
    alias = Alias(
        Bucket.from_environment(os.environ),
        name=name,
        alias=os.environ["MODEL_ALIAS"],
        check_seconds=0,  # the service looks by itself
        clock=time.monotonic,
    )
    uvicorn.run(
        Service(alias, name=name, check_seconds=seconds),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        http="httptools",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
