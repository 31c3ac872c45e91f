"""How files reach an instance: user data at its birth, and an archive in S3 at every start."""

import base64
import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
import yaml

USER_DATA_LIMIT_BYTES = 16 * 1024  # of EC2, before base 64


class _Readable(yaml.SafeDumper):
    """Writes files as the lines that they have: people read user data in the console."""


_Readable.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def cloud_config(config: Mapping[str, Any]) -> str:
    """User data in cloud-init's format."""
    return "#cloud-config\n" + yaml.dump(dict(config), Dumper=_Readable, sort_keys=False, width=1000)


def file(path: str, content: str, mode: str = "0644") -> dict[str, str]:
    """An entry of cloud-init's `write_files`."""
    return {"path": path, "permissions": mode, "content": content}


def variables(values: Mapping[str, str]) -> str:
    """A file that shells source and systemd reads as an EnvironmentFile."""
    return "".join(f"{name}='{value}'\n" for name, value in values.items())


def agent_config(
    *, namespace: str, log_group: str, log_stream: str, log_files: str, volumes: Sequence[str] = ("/",)
) -> str:
    """The CloudWatch agent's config: what EC2 cannot see from outside, and the log files."""
    logs = {
        "file_path": log_files,
        "log_group_name": log_group,
        "log_stream_name": log_stream,
        "publish_multi_logs": True,  # without it only the newest of the files is read
    }
    config = {
        "agent": {"metrics_collection_interval": 60, "run_as_user": "root"},
        "metrics": {
            "namespace": namespace,
            "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
            "aggregation_dimensions": [["InstanceId"]],
            "metrics_collected": {
                # Without its device and path, whose values nobody knows beforehand and which cost once more.
                "disk": {
                    "measurement": ["used_percent"],
                    "resources": list(volumes),
                    "drop_original_metrics": ["used_percent"],
                },
                "mem": {"measurement": ["used_percent"]},
                "swap": {"measurement": ["used_percent"]},
            },
        },
        "logs": {"logs_collected": {"files": {"collect_list": [logs]}}},
    }
    return json.dumps(config, indent=2)


def archive(files: Mapping[str, str]) -> bytes:
    """A gzipped tar of `files`, the same bytes for the same files; scripts are executable."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as tar,
    ):
        for path in sorted(files):
            content = files[path].encode()
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entry.mode = 0o755 if path.endswith(".sh") else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def ship(
    name: str,
    purpose: str,
    files: pulumi.Output[dict[str, str]],
    *,
    bucket: pulumi.Input[str],
    parent: pulumi.Resource,
) -> tuple[str, pulumi.Output[str], aws.ssm.Parameter]:
    """Puts the archive of `files` into the bucket; gives its key, its version, and the parameter of that.

    The instance asks the parameter, so its user data never changes, and no update replaces the instance.
    """
    key = f"platform/{purpose}.tar.gz"
    opts = pulumi.ResourceOptions(parent=parent)
    packed = aws.s3.BucketObjectv2(
        f"{name}-files",
        bucket=bucket,
        key=key,
        content_base64=files.apply(lambda known: base64.b64encode(archive(known)).decode()),
        content_type="application/gzip",
        opts=opts,
    )
    parameter = aws.ssm.Parameter(
        f"{name}-files",
        name=f"/{pulumi.get_project()}/{pulumi.get_stack()}/{purpose}/files-version",
        description="The S3 version of the files that the instance runs",
        type="String",
        insecure_value=packed.version_id,  # a version is no secret
        opts=opts,
    )
    return key, packed.version_id, parameter
