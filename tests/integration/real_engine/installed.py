"""The installed Pulumi CLI, with a temporary folder as its backend and plug-ins that make nothing."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


class Pulumi:
    """The `pulumi` command for one stack of a program, which is empty at first.

    Args:
        program: The folder with Pulumi.yaml.
        stack: A stack with a config file there, which is copied: settings go to the copy.
        folder: An empty one for the state, the account of the plug-ins, and the config.
    """

    def __init__(self, program: Path, stack: str, folder: Path) -> None:
        self._program, self._stack = program, stack
        self.account = folder / "account.json"
        self._objects = folder / "objects"
        self._config = folder / f"Pulumi.{stack}.yaml"
        self._environment = {
            **os.environ,
            "DOCKER_HOST": "none://",  # the plug-in builds nothing
            "PULUMI_BACKEND_URL": folder.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "recording",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "RP": str(folder),
            "STANDIN_CLOUD": str(self.account),
            "STANDIN_LOG": str(folder / "operations.jsonl"),
        }
        shutil.copy(program / "Pulumi.yaml", folder)
        subprocess.run(["pulumi", "stack", "init", stack], cwd=folder, env=self._environment, check=True)
        salt = self._config.read_text(encoding="utf-8")  # of the key that encrypts the stack's secrets
        text = (program / self._config.name).read_text(encoding="utf-8")
        self._original = f"{text}\n{salt}"
        self.forget()

    def forget(self) -> None:
        """Takes back what earlier commands set: `up -c` writes it to the config."""
        self._config.write_text(self._original, encoding="utf-8")

    def run(self, *words: str, fail: str = "") -> tuple[int, str]:
        """The exit code and what was printed; the plug-ins refuse operations that match `fail`."""
        command = ["pulumi", *words, "--stack", self._stack]
        if words[0] not in ("state", "stack"):
            command += ["--config-file", str(self._config)]
        environment = {**self._environment, "STANDIN_FAIL": fail}
        done = subprocess.run(command, cwd=self._program, env=environment, capture_output=True, text=True)
        if done.returncode:
            print(done.stderr[-2000:], file=sys.stderr)
        return done.returncode, done.stdout

    def left(self) -> int:
        """How many resources the stack's state holds, without the stack itself and its providers."""
        state = json.loads(self.run("stack", "export")[1])["deployment"]
        own = ("pulumi:pulumi:", "pulumi:providers:")
        return sum(not each["type"].startswith(own) for each in state.get("resources", ()))

    def fill_buckets(self) -> None:
        """Puts something into every bucket of the account, as access logs, models and predictions would."""
        self._objects.mkdir(exist_ok=True)
        for each in self.resources("aws:s3/bucket:Bucket"):
            (self._objects / each["inputs"]["bucket"]).touch()

    def night(self) -> None:
        """Stops what the office hours stop, as AWS then describes it."""
        account = json.loads(self.account.read_text())
        for each in account.values():
            if each["type"] == "aws:ec2/instance:Instance":
                stopped: Mapping[str, Any] = {
                    "associatePublicIpAddress": False,
                    "instanceState": "stopped",
                    "publicDns": "",
                    "publicIp": "",
                }
            elif each["type"] == "aws:ecs/service:Service":
                stopped = {"desiredCount": 0}
            elif each["type"] == "aws:rds/instance:Instance":
                stopped = {"status": "stopped"}
            else:
                continue
            each["outputs"] |= stopped
            each["inputs"] |= {key: value for key, value in stopped.items() if key in each["inputs"]}
        self.account.write_text(json.dumps(account))

    def resources(self, type_: str) -> Iterable[dict[str, Any]]:
        """The resources of a type in the account."""
        return [each for each in json.loads(self.account.read_text()).values() if each["type"] == type_]

    def client(self, service: str) -> Any:
        """A boto3 client's part that `ops stack unprotect` uses, for the account of the plug-ins."""
        return _Client(self.account, self._objects)


class _Client:
    def __init__(self, account: Path, objects: Path) -> None:
        self._account, self._objects = account, objects

    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self, **asked: Any) -> Iterable[dict[str, Any]]:
        if "Bucket" in asked:
            full = (self._objects / asked["Bucket"]).exists()
            return [{"Versions": [{"Key": "an-object", "VersionId": "1"}] if full else []}]
        return [
            {"ResourceTagMappingList": [{"ResourceARN": each["outputs"]["arn"]} for each in self._tagged()]}
        ]

    def delete_objects(self, Bucket: str, **_asked: Any) -> None:  # noqa: N803 - boto3's own names
        (self._objects / Bucket).unlink()

    def modify_db_instance(self, DBInstanceIdentifier: str, **_asked: Any) -> None:  # noqa: N803
        self._change("identifier", DBInstanceIdentifier, "deletionProtection")

    def modify_load_balancer_attributes(self, LoadBalancerArn: str, **_asked: Any) -> None:  # noqa: N803
        self._change("arn", LoadBalancerArn, "enableDeletionProtection")

    def describe_instances(self, **_asked: Any) -> Any:
        return {"Reservations": [{"Instances": [{}]}]}

    def modify_instance_attribute(self, **_asked: Any) -> None:
        pass

    def _tagged(self) -> Iterable[dict[str, Any]]:
        every = json.loads(self._account.read_text()).values()
        return [each for each in every if each["outputs"].get("tagsAll") and each["outputs"].get("arn")]

    def _change(self, key: str, value: str, off: str) -> None:
        account = json.loads(self._account.read_text())
        for each in account.values():
            if each["outputs"].get(key) == value:
                each["inputs"][off] = each["outputs"][off] = False
        self._account.write_text(json.dumps(account))
