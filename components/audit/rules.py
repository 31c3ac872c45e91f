"""What AWS Config records and checks: what this program promises of its own resources, for the whole account.

https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
"""

from collections.abc import Mapping, Sequence

RULES: Mapping[str, str] = {
    "buckets-tls": "S3_BUCKET_SSL_REQUESTS_ONLY",
    "buckets-not-public": "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
    "volumes-encrypted": "ENCRYPTED_VOLUMES",
    "instances-imdsv2": "EC2_IMDSV2_CHECK",
    "ssh-not-open": "INCOMING_SSH_DISABLED",
    "databases-encrypted": "RDS_STORAGE_ENCRYPTED",
    "databases-not-public": "RDS_INSTANCE_PUBLIC_ACCESS_CHECK",
    "files-encrypted": "EFS_ENCRYPTED_CHECK",
}
# What the rules are about, and of what one wants to know how it was: each record is billed.
RECORDED: Sequence[str] = (
    "AWS::EC2::Instance",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Volume",
    "AWS::EFS::FileSystem",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
)
