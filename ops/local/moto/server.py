"""`python -m ops.local.moto.server FD`: AWS's API, served by moto on a listening socket."""

import json
import logging
import sys
from collections import deque
from typing import Any

from moto.awslambda.models import LambdaBackend
from moto.core.config import default_user_config
from moto.core.model_instances import model_data
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.kinesis import models as kinesis_models
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.utils import LOGGING_SERVICE_PRINCIPAL
from werkzeug.serving import make_server

from ops.local.moto.shard import LockedShard


def main(descriptor: int) -> None:
    """Serves until it is ended."""
    default_user_config["iam"]["load_aws_managed_policies"] = True  # roles attach them by their ARN
    # moto would run the function in Docker once a record; the sandbox's own mapping delivers batches instead.
    setattr(LambdaBackend, "send_kinesis_message", lambda *_args, **_kwargs: None)  # noqa: B010  mypy: a method
    setattr(FakeBucket, "_log_permissions_enabled_policy", staticmethod(log_delivery_allowed))  # noqa: B010
    setattr(FakeBucket, "get_permission", permission)  # noqa: B010
    # moto would put an object into the log bucket for each request; S3 promises no access log either.
    setattr(S3Backend, "log_incoming_request", lambda *_args: None)  # noqa: B010
    setattr(kinesis_models, "Shard", LockedShard)  # noqa: B010  what streams make their shards of
    for models in model_data.values():
        for model in models.values():  # moto would list every record and object for ever, deleted ones too
            setattr(model, "instances_tracked", deque(maxlen=0))  # noqa: B010
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request is half of its time
    make_server(
        "127.0.0.1",
        0,
        DomainDispatcherApplication(create_backend_app),
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=descriptor,
    ).serve_forever()


def permission(bucket: Any, action: str, resource: str) -> PermissionResult:
    """What the bucket's policy says to a request that meets none of its conditions.

    moto takes a statement whose condition is not met for a denial; to AWS it does not apply. The one
    condition here that any request could meet is to come without TLS, which this server stands in for.
    """
    document = json.loads(bucket.policy or b'{"Statement": []}')
    statements = [entry for entry in document["Statement"] if "Condition" not in entry]
    if not statements:
        return PermissionResult.NEUTRAL
    policy = IAMPolicy(json.dumps({**document, "Statement": statements}))
    return policy.is_action_permitted(action, resource)


def log_delivery_allowed(target_bucket: Any, target_prefix: str | None) -> bool:
    """Whether the bucket's policy lets the logging service write; moto's fails on lists."""
    del target_prefix
    statements = json.loads(target_bucket.policy or b'{"Statement": []}')["Statement"]
    return any(
        statement["Effect"] == "Allow"
        and isinstance(statement["Principal"], dict)
        and LOGGING_SERVICE_PRINCIPAL in statement["Principal"].get("Service", ())
        and "s3:PutObject" in statement["Action"]
        for statement in statements
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
