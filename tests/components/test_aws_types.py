"""Names that AWS publishes are taken; those that it does not have are refused."""

import json

import pytest
from pulumi_aws.rds import InstanceType

from components.settings import Settings
from tests.components.refusals import refused

# Of https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
ENDPOINTS = """
access-analyzer acm-pca airflow.api airflow.env airflow.ops application-autoscaling aps aps-workspaces
athena autoscaling backup batch bedrock bedrock-runtime cassandra cassandra-fips cloudformation
cloudtrail codeartifact.api codeartifact.repositories codebuild codedeploy-commands-secure config
data-servicediscovery datasync ebs ec2 ec2messages ecr.api ecr.dkr ecs ecs-agent ecs-telemetry eks
elasticache elasticfilesystem elasticfilesystem-fips elasticloadbalancing elasticmapreduce email-smtp
emr-serverless events execute-api fis git-codecommit glue grafana guardduty-data kinesis-firehose
kinesis-streams kms lambda logs monitoring notebook pipes rds rds-data redshift-data s3
s3-global.accesspoint sagemaker.api sagemaker.featurestore-runtime sagemaker.runtime scheduler
secretsmanager servicediscovery sns sqs ssm ssm-incidents ssmmessages states studio sts sync-states
synthetics transfer xray
""".split()  # noqa: SIM905 - ninety lines otherwise


def test_published_endpoints_are_taken() -> None:
    config = {"interfaceEndpoints": json.dumps(ENDPOINTS), "existingVpcId": "vpc-0123456789abcdef0"}
    lines = refused(config)
    assert [line for line in lines if "interfaceEndpoints" in line] == []


@pytest.mark.parametrize("kind", InstanceType)
def test_instance_classes_of_the_provider_are_taken(kind: InstanceType) -> None:
    settings = Settings.from_config({"tier": "standard", "rdsInstanceClass": kind.value})
    assert settings.fargate.rds_instance_class == kind.value
