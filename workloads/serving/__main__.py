"""`python -m workloads.serving`: serves the model that DATA_BUCKET, MODEL_NAME and MODEL_ALIAS name."""

import os
import sys
import time
from collections.abc import Mapping
from typing import NoReturn

from credentials import CredentialsError
from models import Alias
from s3 import Bucket
from workloads.serving.app import Service
from workloads.serving.server import serve

# Where ECS gives a task its role's credentials:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
_ECS_CREDENTIALS = "http://169.254.170.2"
_NEEDED = ("AWS_REGION", "DATA_BUCKET", "MODEL_NAME", "MODEL_ALIAS")


def main() -> None:
    """Serves until SIGTERM, after which requests at work are answered and no more are taken."""
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        fail(f"{', '.join(missing)}: not set; set what the stack's function has")
    try:
        bucket = Bucket.from_environment(with_task_credentials(os.environ))
    except CredentialsError as error:
        fail(f"no AWS credentials: {error}, nor AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; set one of them")
    name, seconds = os.environ["MODEL_NAME"], float(os.environ.get("MODEL_CHECK_SECONDS", "60"))
    alias = Alias(
        bucket,
        name=name,
        alias=os.environ["MODEL_ALIAS"],
        check_seconds=0,  # the service looks by itself
        clock=time.monotonic,
    )
    serve(
        Service(alias, name=name, check_seconds=seconds),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
    )


def with_task_credentials(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, with the address of an ECS task's credentials written out."""
    path = environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    if not path:
        return environ
    return {**environ, "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{_ECS_CREDENTIALS}{path}"}


def fail(message: str) -> NoReturn:
    """Ends the process with what a person has to do."""
    print(f"serving: {message}", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    main()
