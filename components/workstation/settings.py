"""Settings of the ML workstation: its instance and its buckets."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.instance_types import gpu_problem, is_gpu, memory_mib
from components.common.names import bucket_name
from components.common.settings import BucketSettings, InstanceSettings, LogRetentionSettings
from components.config.aws_types import InstanceType, OptionalRegion
from components.config.keys import SECTION, key
from components.config.types import Cidr, Days, Distinct, OptionalSshPublicKey, refuse
from components.workstation.worker_settings import WorkerSettings

_WIDEST_PREFIX = 8  # of a range that may reach SSH; wider ones are most of the internet
_SYSTEM_GIB, _GPU_SYSTEM_GIB = 30, 75  # Amazon Linux with an environment; the GPU image's own size
_LONGEST_BUCKET, _BUCKET_NAME_LIMIT = "datasets-replica", 63
Environment = Literal["cpu", "torch", "tensorflow"]
Gib = Annotated[int, Field(ge=1, le=16384)]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class WorkstationSettings(WorkerSettings, LogRetentionSettings, BucketSettings, InstanceSettings):
    """Whether there is an instance for notebooks and training by hand, and what comes with it."""

    title: ClassVar[str] = "ML workstation"

    workstation: bool = key(
        "Whether there is an instance with JupyterLab, and buckets for data sets and models: true or false",
        False,
    )
    workstation_instance_type: InstanceType = key(
        "EC2 type of the workstation, such as t3.medium, or g4dn.xlarge with a GPU", "t3.medium"
    )
    workstation_volume_gib: Annotated[int, Field(ge=_SYSTEM_GIB, le=16384)] = key(
        "GiB of its encrypted gp3 root volume, 30 to 16384; 75 or more with a GPU", 50
    )
    workstation_data_volume_gib: Gib = key(
        "GiB of its encrypted gp3 data volume, which outlives the instance, 1 to 16384", 50
    )
    workstation_snapshots: Annotated[int, Field(ge=0, le=1000)] = key(
        "Daily snapshots of the data volume that are kept, 0 to 1000; 0 makes none",
        micro=1,
        learning=3,
        standard=7,
        production=14,
    )
    workstation_environment: Environment = key(
        "Packages of the workstation: cpu, torch or tensorflow; the last two have cpu's too", "cpu"
    )
    workstation_spot: bool = key(
        "Whether the workstation is a spot instance, which AWS may stop: true or false", False
    )
    workstation_hibernation: bool = key(
        "Whether its memory outlives a stop, interruptions of spot capacity included: true or false", False
    )
    workstation_idle_minutes: Annotated[int, Field(ge=0, le=1440)] = key(
        "Minutes without a busy kernel, a session or CPU use until it stops itself, to 1440; 0 never does", 30
    )
    workstation_idle_cpu_percent: Annotated[int, Field(ge=1, le=100)] = key(
        "Percent of one vCPU that counts as use of the workstation, 1 to 100", 10
    )
    workstation_checkpoint_minutes: Annotated[int, Field(ge=5, le=1440)] = key(
        "Minutes between copies of the work folder to the models bucket, 5 to 1440; stopping makes one too",
        60,
    )
    workstation_ssh_public_key: OptionalSshPublicKey = key(
        "Public key that opens SSH to workstationSshCidrs; empty leaves AWS Systems Manager as the way in", ""
    )
    workstation_ssh_cidrs: Annotated[tuple[Cidr, ...], Distinct] = key(
        "IPv4 ranges that may reach SSH on the workstation; never everybody", ()
    )
    workstation_glacier_days: Days = key("Days until data sets move to S3 Glacier Flexible Retrieval", 90)
    workstation_model_archive_days: Days = key(
        "Days until an old version of an object in the models bucket moves to S3 Glacier", 30
    )
    workstation_model_version_days: Days = key(
        "Days until an old version of an object in the models bucket is deleted", 365
    )
    workstation_replica_region: OptionalRegion = key(
        "Region that keeps copies of both buckets; empty makes none", ""
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(
            [
                *self._gpu("workstationInstanceType", self.workstation_instance_type),
                *(self._gpu("workstationWorkerInstanceType", self.worker_type) if self.worker_type else ()),
                *self.worker_problems(),
                *self._hibernation(),
                *self._ssh(),
                *self._versions(),
                *self._names(),
            ]
        )
        return self

    @property
    def instance_types(self) -> tuple[str, ...]:
        """The types that the subnets' zones must offer; none without a workstation."""
        types = (self.workstation_instance_type, *filter(None, (self.worker_type,)))
        return tuple(dict.fromkeys(types)) if self.workstation else ()

    def _gpu(self, key_name: str, type_: str) -> Iterator[str]:
        if problem := gpu_problem(type_):
            yield f"{key_name}: got {type_!r}, {problem}"
        elif is_gpu(type_) and self.workstation_volume_gib < _GPU_SYSTEM_GIB:
            yield (
                f"workstationVolumeGib: got {self.workstation_volume_gib} with {key_name} "
                f"{type_}, allowed: {_GPU_SYSTEM_GIB} or more, the size of the image with NVIDIA's driver; "
                "raise it"
            )

    def _hibernation(self) -> Iterator[str]:
        """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hibernating-prerequisites.html."""
        if not self.workstation_hibernation:
            return
        try:
            memory_gib = memory_mib(self.workstation_instance_type) / 1024
        except ValueError as error:
            yield (
                f"workstationHibernation: got true with workstationInstanceType "
                f"{self.workstation_instance_type}, {error}; set it to false"
            )
            return
        needed = _SYSTEM_GIB + memory_gib
        if memory_gib > (most := 150):
            yield (
                f"workstationHibernation: got true with {memory_gib:g} GiB of memory "
                f"(workstationInstanceType {self.workstation_instance_type}), allowed: up to {most}"
            )
        elif self.workstation_volume_gib < needed:
            yield (
                f"workstationVolumeGib: got {self.workstation_volume_gib} with workstationHibernation, "
                f"allowed: {needed:g} or more, for the memory of workstationInstanceType "
                f"{self.workstation_instance_type} is written to it"
            )

    def _ssh(self) -> Iterator[str]:
        if self.workstation_ssh_cidrs and not self.workstation_ssh_public_key:
            yield (
                "workstationSshCidrs: got ranges without workstationSshPublicKey, with which they log in; "
                "set that, or remove the ranges and use `python -m ops workstation connect`"
            )
        if self.workstation_ssh_public_key and not self.workstation_ssh_cidrs:
            yield (
                "workstationSshPublicKey: got a key without workstationSshCidrs, so nobody could use it; "
                "name your own network there, such as 198.51.100.7/32"
            )
        for cidr in self.workstation_ssh_cidrs:
            if IPv4Network(cidr).prefixlen < _WIDEST_PREFIX:
                yield (
                    f"workstationSshCidrs: got {cidr!r}, allowed: ranges of /{_WIDEST_PREFIX} and smaller; "
                    "SSH is never open to everybody: name your own network, such as 198.51.100.7/32"
                )

    def _versions(self) -> Iterator[str]:
        if self.workstation_model_archive_days >= self.workstation_model_version_days:
            yield (
                f"workstationModelArchiveDays: got {self.workstation_model_archive_days}, allowed: less than "
                f"workstationModelVersionDays ({self.workstation_model_version_days}), when it is deleted"
            )

    def _names(self) -> Iterator[str]:
        too_long = len(bucket_name(_LONGEST_BUCKET, self.bucket_suffix)) - _BUCKET_NAME_LIMIT
        if self.workstation_replica_region and self.bucket_suffix and too_long > 0:
            yield (
                f"bucketSuffix: got {self.bucket_suffix!r} with workstationReplicaRegion, allowed: "
                f"{too_long} characters less, because buckets' names have {_BUCKET_NAME_LIMIT} at most"
            )
