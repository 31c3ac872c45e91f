"""What the workstation's settings refuse, and what they say."""

import json

import pytest

from components.settings import Settings
from tests.components.refusals import SSH_KEY, refused

ANYWHERE = json.dumps(["0.0.0.0/0"])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"workstationSshPublicKey": SSH_KEY, "workstationSshCidrs": ANYWHERE},
            "workstationSshCidrs: got '0.0.0.0/0', allowed: ranges of /8 and smaller",
        ),
        (
            {"workstationSshPublicKey": SSH_KEY, "workstationSshCidrs": '["128.0.0.0/1"]'},
            "SSH is never open to everybody",
        ),
        ({"workstationSshCidrs": '["198.51.100.0/24"]'}, "without workstationSshPublicKey"),
        ({"workstationSshPublicKey": SSH_KEY}, "without workstationSshCidrs"),
        ({"workstationInstanceType": "p3.2xlarge"}, "workstationInstanceType: got 'p3.2xlarge', whose GPU"),
        ({"workstationInstanceType": "g4ad.xlarge"}, "got 'g4ad.xlarge', whose GPU has no driver"),
        ({"workstationInstanceType": "g4dn.xlarge"}, "workstationVolumeGib: got 50 with workstationInstance"),
        ({"workstationInstanceType": "t9.huge"}, "workstationInstanceType: got 't9.huge', allowed: an inst"),
        (
            {"workstationHibernation": "true", "workstationInstanceType": "m7i.2xlarge"},
            "workstationVolumeGib: got 50 with workstationHibernation, allowed: 62 or more",
        ),
        (
            {"workstationHibernation": "true", "workstationInstanceType": "r7i.8xlarge"},
            "got true with 256 GiB of memory",
        ),
        (
            {
                "workstationHibernation": "true",
                "workstationInstanceType": "g5.xlarge",
                "workstationVolumeGib": "100",
            },
            "workstationHibernation: got true with workstationInstanceType g5.xlarge, allowed: a type of the",
        ),
        (
            {"workstationModelArchiveDays": "400"},
            "workstationModelArchiveDays: got 400, allowed: less than workstationModelVersionDays (365)",
        ),
        ({"workstationReplicaRegion": "us-east-9"}, "workstationReplicaRegion: got 'us-east-9', allowed"),
        ({"workstationEnvironment": "jax"}, "workstationEnvironment: got 'jax', allowed: cpu, torch, tens"),
    ],
)
def test_what_is_refused(config: dict[str, str], message: str) -> None:
    (line,) = refused(config)
    assert message in line


def test_copies_are_for_another_region() -> None:
    (line,) = refused({"workstationReplicaRegion": "us-east-1"}, aws={"region": "us-east-1"})
    assert line.startswith("workstationReplicaRegion: got 'us-east-1', which is aws:region too")


@pytest.mark.parametrize(
    ("config", "types"),
    [
        ({}, ()),
        ({"workstation": "true"}, ("t3.medium",)),
        ({"workstation": "true", "workstationInstanceType": "m7g.large"}, ("m7g.large",)),
    ],
)
def test_zones_must_offer_its_types(config: dict[str, str], types: tuple[str, ...]) -> None:
    assert Settings.from_config(config).workstation.instance_types == types
