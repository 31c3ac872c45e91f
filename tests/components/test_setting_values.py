"""Single values: what AWS would refuse is refused in one line, and AWS's own models agree."""

import base64
import re
from typing import Any

import pytest
from botocore.loaders import Loader
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from components.config.aws_types import instance_types, regions
from components.settings import Settings
from tests.components.refusals import SSH_KEY, name_stack, refused


@pytest.fixture(autouse=True)
def stack() -> None:
    name_stack()


REFUSED = [
    ("kinesisStreamName", "taxi rides", "1 to 128 letters, digits"),
    ("kinesisStreamName", "r" * 129, "1 to 128 letters, digits"),
    ("kinesisStreamName", "fährt", "1 to 128 letters, digits"),
    ("kinesisShards", "10001", "1 to 10000"),
    ("lambdaFunctionName", "taxi predictor", "1 to 64 letters, digits"),
    ("lambdaFunctionName", "a.b", "1 to 64 letters, digits"),
    ("lambdaImageUri", 'registry/image:1"', "an image with its tag or digest"),
    ("airflowImageUri", "registry/image", "an image with its tag or digest"),
    ("airflowImageUri", "registry/$(id):1", "an image with its tag or digest"),
    ("alarmEmail", "alarms.example.com", "an e-mail address, such as alarms@example.com"),
    ("alarmEmail", "a@b", "an e-mail address"),
    ("alarmEmail", "a b@example.com", "an e-mail address"),
    ("modelName", "*", "what matches"),
    ("modelCheckSeconds", "100000000", "0 to 86400"),
    ("iteratorAgeAlarmSeconds", "31536001", "1 to 31536000"),
    ("natInstanceType", "banana", "an instance type of EC2"),
    ("orchestrationInstanceType", "t9.medium", "an instance type of EC2"),
    ("frontendInstanceType", "t4g.nan0", "did you mean t4g.nano?"),
    ("interfaceEndpoints", '["no pe"]', "a service as its endpoint names it"),
    (
        "interfaceEndpoints",
        '["secretmanager"]',
        "such as ecr.api or secretsmanager; did you mean secretsmanager?",
    ),
    ("interfaceEndpoints", '["ecr"]', "ecr.api and ecr.dkr, as the endpoints of this service are called"),
    ("interfaceEndpoints", '["logs", "logs"]', "each value once, logs comes more than once"),
    ("interfaceEndpoints", "logs", "a list"),
    ("interfaceEndpoints", "[" * 100_000, "a list"),
    ("existingVpcId", "banana", "a VPC's id"),
    ("existingPublicSubnetIds", '["subnet-0000000a", "subnet-0000000a"]', "each value once"),
    ("existingPrivateSubnetIds", '["subnet-x"]', "a subnet's id"),
    ("vpcCidr", "10.0.0.0/33", "an IPv4 range"),
    ("vpcCidr", "fd00::/48", "an IPv4 range"),
    ("ingressCidrs", '["198.51.100.7/32", "198.51.100.7/32"]', "each value once"),
    ("rdsBackupWindow", "29:00-29:01", "a window in UTC such as 02:00-03:00"),
    ("rdsBackupWindow", "02:00-02:29", "30 minutes or longer"),
    ("rdsBackupWindow", "02:00-02:00", "30 minutes or longer"),
    ("rdsMaintenanceWindow", "Sun:25:00-Sun:26:00", "a window in UTC such as Sun:04:00-Sun:05:00"),
    ("rdsMaintenanceWindow", "Sun:04:00-Mon:04:00", "shorter than a day"),
    ("rdsInstanceClass", "db.banana", "an instance class of RDS"),
    ("rdsInstanceClass", "t4g.micro", "an instance class of RDS"),
    ("rdsInstanceClass", "db.m9z.large", "an instance class of RDS"),
    ("rdsInstanceClass", "db.t4g.nano", "an instance class of RDS"),
    ("rdsInstanceClass", "db.m7g.2xlrge", "did you mean db.m7g.2xlarge?"),
    ("rdsEngineVersion", "\uff11\uff16", "what matches"),
    ("rdsAllocatedStorageGib", "99999999", "20 to 65536"),
    ("rdsMaxAllocatedStorageGib", "99999999", "0 to 65536"),
    ("apiServerCount", "5001", "1 to 5000"),
    ("archiveDays", "99999999999", "1 to 36500"),
    ("infrequentAccessDays", "36501", "30 to 36500"),
    ("bucketSuffix", "UPPER", "a-z, 0-9 and single hyphens"),
    ("bucketSuffix", "a_b", "a-z, 0-9 and single hyphens"),
    ("certificateArn", "arn:aws:acm:x", "the ARN of a certificate in ACM"),
    ("domainName", "-.example.com", "a domain name in lower case"),
    ("domainName", "localhost", "a domain name in lower case"),
    ("hostedZoneId", "Z1/../Z2", "the id of a hosted zone"),
    ("oidcIssuer", "http://example.com", "a URL that begins with https://"),
    ("oidcClientSecretArn", "arn:aws:s3:::bucket", "the ARN of a secret"),
    ("oidcClientId", "a b", "without spaces"),
    ("scheduleStart", "0\uff18:00", "what matches"),
    ("scheduleDays", '["MON", "MON"]', "each value once"),
    ("scheduleTimeZone", "Mars/Olympus", "IANA time zone"),
    ("sshPublicKey", "ssh-ed25519 AAAA", "the whole line of a .pub file"),
    ("logRetentionDays", "9" * 5000, "1, 3, 5"),
    ("challengerShare", "nan", "0 to 1"),
    ("efsProvisionedMibps", "nan", "0 to 3414"),
]


@pytest.mark.parametrize(("key", "value", "allowed"), REFUSED, ids=lambda value: value[:30])
def test_wrong_value_is_refused(key: str, value: str, allowed: str) -> None:
    [line] = refused({key: value})
    assert re.match(rf"{key}(\[0\])?: got ", line)
    assert allowed in line


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kinesisStreamName", "null"),
        ("alarmEmail", "first.last+alarms@mail.example.co.uk"),
        ("airflowImageUri", "localhost:5000/team/air-flow@sha256:" + "0" * 64),
        ("natInstanceType", "t3.nano"),
        ("interfaceEndpoints", '["ecr.api", "kinesis-streams", "secretsmanager"]'),
        ("rdsBackupWindow", "23:45-00:15"),
        ("rdsMaintenanceWindow", "sun:23:45-mon:00:15"),
        ("rdsInstanceClass", "db.r6gd.12xlarge"),
        ("bucketSuffix", "acme-2"),
        ("sshPublicKey", f"{SSH_KEY} me@laptop"),
        ("scheduleTimeZone", "Europe/Berlin"),
    ],
)
def test_right_value_is_taken(key: str, value: str) -> None:
    assert Settings.from_config({key: value})


@pytest.mark.parametrize("cut", range(1, len(SSH_KEY.split()[1])))
def test_truncated_ssh_key_is_refused(cut: int) -> None:
    assert refused({"sshPublicKey": SSH_KEY[:-cut]})


def test_ssh_keys_that_ec2_does_not_take() -> None:
    for key in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 3072)):
        line = key.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        assert "allowed: a key that EC2 takes" in refused({"sshPublicKey": line.decode()})[0]
    body = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x21" + b"k" * 33).decode()
    assert "the whole line of a .pub file" in refused({"sshPublicKey": f"ssh-ed25519 {body}"})[0]


def shape(service: str, name: str) -> Any:
    return Loader().load_service_model(service, "service-2")["shapes"][name]


@pytest.mark.parametrize(
    ("key", "service", "name", "values"),
    [
        (
            "kinesisStreamName",
            "kinesis",
            "StreamName",
            ["a", "A.b_c-9", "n" * 128, "n" * 129, "a b", "ä"],
        ),
        ("lambdaFunctionName", "lambda", "FunctionName", ["a", "A_b-9", "a b", "a.b", "ä"]),
        ("certificateArn", "acm", "Arn", ["arn:aws-cn:acm:cn-north-1:123456789012:certificate/1a-2b"]),
        ("oidcClientSecretArn", "secretsmanager", "SecretARNType", ["arn:aws:secretsmanager:us-east-1:1:x"]),
    ],
)
def test_names_are_those_of_the_models(key: str, service: str, name: str, values: list[str]) -> None:
    """Whatever is accepted, the model of the service accepts."""
    model = shape(service, name)
    for value in values:
        fits = model.get("min", 0) <= len(value) <= model["max"]
        fits = fits and bool(re.fullmatch(model.get("pattern", ".*"), value))
        if not fits and value:
            assert refused({key: value})


def test_subnet_ids_are_those_of_the_model() -> None:
    """Of all of AWS's models, that of WorkSpaces says the most about them."""
    pattern = shape("workspaces", "SubnetId")["pattern"]
    for value in (
        "subnet-0123abcd",
        "subnet-0123456789abcdef0",
        "subnet-0123ABCD",
        "subnet-1",
        "vpc-0123abcd",
    ):
        lines = refused({"existingPublicSubnetIds": f'["{value}"]'})  # refused for the missing VPC at least
        assert bool(re.fullmatch(pattern, value)) == ("without existingVpcId" in lines[0])


def test_instance_types_and_regions_are_botocore_s() -> None:
    assert {"t4g.nano", "m7g.xlarge", "t3.medium"} <= instance_types()
    assert {"us-east-1", "cn-north-1", "us-gov-west-1"} <= regions()


AWS_REFUSED = [
    ({"region": "banana"}, "aws:region: got 'banana', allowed: a region of AWS"),
    ({"region": "us-east-9"}, "did you mean us-east-"),
    ({"region": "aws-global"}, "aws:region: got 'aws-global', allowed: a region of AWS"),
    ({"region": ""}, "aws:region: is empty; set it, or remove it with `pulumi config rm aws:region`"),
    ({"region": "a b", "skipRegionValidation": "true"}, "aws:region: got 'a b', allowed: a region, such as"),
    ({"defaultTags": "foo"}, "aws:defaultTags: got 'foo', allowed: an object of tags"),
    ({"defaultTags": '["foo"]'}, "allowed: an object of tags"),
    ({"defaultTags": '{"Team": "rides"}'}, "allowed: an object of tags"),
    ({"defaultTags": '{"tags": {"aws:x": "y"}}'}, "allowed: tags of letters"),
    ({"defaultTags": '{"tags": {"x": "y\\n"}}'}, "allowed: values of letters"),
    ({"maxRetries": "007x"}, "aws:maxRetries: got '007x', allowed: a whole number"),
    ({"insecure": "perhaps"}, "aws:insecure: got 'perhaps', allowed: true or false"),
    ({"allowedAccountIds": "1234"}, 'allowed: a list, such as ["one", "two"]'),
    ({"assumeRoles": '["role"]'}, "allowed: a list of objects"),
    ({"ignoreTags": "[1]"}, "allowed: an object"),
]


@pytest.mark.parametrize(("options", "line"), AWS_REFUSED, ids=str)
def test_wrong_provider_option_is_refused(options: dict[str, str], line: str) -> None:
    [found] = refused({}, aws=options)
    assert line in found


def test_secret_provider_option_is_not_shown() -> None:
    [line] = refused({}, aws={"defaultTags": "hunter2"}, aws_secrets={"defaultTags"})
    assert "hunter2" not in line


def test_provider_options_have_the_sdk_s_types() -> None:
    options = {
        "region": "eu-north-1",
        "skipCredentialsValidation": "true",
        "maxRetries": "007",
        "profile": "123",
        "allowedAccountIds": '["123456789012"]',
        "endpoints": '[{"s3": "http://x"}]',
        "defaultTags": '{"tags": {"Team": "Müller rides"}}',
    }
    assert Settings.from_config({}, aws=options).aws == {
        "region": "eu-north-1",
        "skip_credentials_validation": True,
        "max_retries": 7,
        "profile": "123",
        "allowed_account_ids": ["123456789012"],
        "endpoints": [{"s3": "http://x"}],
        "default_tags": {"tags": {"Team": "Müller rides"}},
    }


def test_newer_region_needs_no_newer_program() -> None:
    options = {"region": "eu-south-9", "skipRegionValidation": "true"}
    assert Settings.from_config({}, aws=options).aws["region"] == "eu-south-9"


def test_secret_of_the_provider_stays_one() -> None:
    settings = Settings.from_config({}, aws={"secretKey": "hunter2"}, aws_secrets={"secretKey"})
    assert "hunter2" not in repr(settings.aws["secret_key"])
