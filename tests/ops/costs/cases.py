"""A case for every price rule: us-east-1, list prices, and beside each what was computed by hand."""

from collections.abc import Mapping
from typing import Any

from ops.costs.model import Resource
from tests.ops.costs.cases_of_watching import WATCHING
from tests.ops.costs.stacks import resource

SPOT = {"marketType": "spot"}
PUBLIC = resource("aws:ec2/subnet:Subnet", mapPublicIpOnLaunch=True)
PRIVATE = resource("aws:ec2/subnet:Subnet", mapPublicIpOnLaunch=False)
DISK = {"volumeSize": 30, "volumeType": "gp3"}
STRATEGY = [
    {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
    {"capacityProvider": "FARGATE_SPOT", "weight": 1},
]
TASK = resource(
    "aws:ecs/taskDefinition:TaskDefinition",
    cpu="512",
    memory="1024",
    runtimePlatform={"cpuArchitecture": "ARM64"},
)

# Type, inputs, what it depends on, and each line's US dollars.
CASES: list[tuple[str, Mapping[str, Any], list[Resource], Mapping[str, str]]] = [
    (
        "aws:ec2/instance:Instance",
        {"instanceType": "t4g.medium", "rootBlockDevice": DISK},
        [PUBLIC],
        # 730 x 0.0336; 30 x 0.08; 730 x 0.005
        {"instance t4g.medium": "24.5280", "volume, gp3": "2.4000", "public IPv4 address": "3.6500"},
    ),
    (
        "aws:ec2/instance:Instance",
        {
            "instanceType": "t3.medium",
            "creditSpecification": {"cpuCredits": "unlimited"},
            "rootBlockDevice": {**DISK, "iops": 4000, "throughput": 225},
        },
        [PRIVATE],
        # 730 x 0.0416; 15 % is below the baseline; 1,000 x 0.005; 100 x 0.04
        {
            "instance t3.medium": "30.3680",
            "volume, gp3": "2.4000",
            "volume, IOPS above 3000": "5.0000",
            "volume, MiB/s above 125": "4.0000",
        },
    ),
    (
        "aws:ec2/instance:Instance",
        {"instanceType": "t4g.nano", "creditSpecification": {"cpuCredits": "unlimited"}},
        [PRIVATE],
        # 730 x 0.0042; (15 - 5) % of 2 vCPU x 730 x 0.04; 8 x 0.08
        {"instance t4g.nano": "3.0660", "CPU credits": "5.8400", "volume, gp3": "0.6400"},
    ),
    (
        "aws:ec2/instance:Instance",
        {"instanceType": "t4g.medium", "instanceMarketOptions": SPOT, "associatePublicIpAddress": False},
        [PUBLIC],
        {"instance t4g.medium": "9.8112", "volume, gp3": "0.6400"},  # 24.528 x 0.40
    ),
    ("aws:ec2/eip:Eip", {}, [], {"public IPv4 address": "3.6500"}),
    ("aws:ebs/volume:Volume", {"size": 50}, [], {"volume, gp3": "4.0000"}),
    ("aws:dlm/lifecyclePolicy:LifecyclePolicy", {}, [], {"snapshot": "0.5000"}),
    ("aws:ebs/snapshot:Snapshot", {}, [], {"snapshot": "0.5000"}),
    (
        "aws:ec2/natGateway:NatGateway",
        {},
        [],
        {"NAT gateway": "32.8500", "data through it": "0.9000"},  # 730 x 0.045; 20 GB x 0.045
    ),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"]},
        [],
        {"interface endpoint in 2 zones": "14.6000", "data through it": "0.0500"},  # 1,460 x 0.01; 5 x 0.01
    ),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", {"vpcEndpointType": "Gateway"}, [], {}),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"subnets": ["a", "b"]},
        [],
        # 730 x 0.0225; 0.05 x 730 x 0.008; 1,460 x 0.005
        {"load balancer": "16.4250", "capacity units": "0.2920", "public IPv4 addresses, 2": "7.3000"},
    ),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"subnets": ["a", "b"], "internal": True},
        [],
        {"load balancer": "16.4250", "capacity units": "0.2920"},
    ),
    (
        "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        {},
        [],
        {"private hosted zone": "0.5000", "DNS queries": "0.1200"},  # 300,000 x 0.0000004
    ),
    ("aws:route53/zone:Zone", {}, [], {"private hosted zone": "0.5000", "DNS queries": "0.1200"}),
    ("pulumi:pulumi:Stack", {}, [], {"data out to the internet": "0.1800"}),  # 2 x 0.09
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {"cpu": "1024", "memory": "2048"},
        [],
        {"tasks, 1 vCPU": "0.4048", "tasks, 2 GB": "0.0889"},  # 10 h x 0.04048; 20 GB-hours x 0.004445
    ),
    (
        "aws:ecs/service:Service",
        {"desiredCount": 1, "networkConfiguration": {"assignPublicIp": True}},
        [TASK],
        # 0.5 x 730 x 0.03238; 730 x 0.00356; 730 x 0.005
        {"tasks, 0.5 vCPU": "11.8187", "tasks, 1 GB": "2.5988", "public IPv4 addresses": "3.6500"},
    ),
    (
        "aws:ecs/cluster:Cluster",
        {"settings": [{"name": "containerInsights", "value": "enabled"}]},
        [TASK],
        {"Container Insights metrics": "0.0822"},  # 20 x 10 of 730 h x 0.30
    ),
    (
        "aws:s3/bucket:Bucket",
        {"bucket": "p-other-dev"},
        [],
        {
            "stored": "0.0230",
            "PUT, COPY, POST and LIST requests": "0.0050",
            "GET and other requests": "0.0004",
        },
    ),
    (
        "aws:autoscaling/group:Group",
        {
            "minSize": 1,
            "maxSize": 4,
            "mixedInstancesPolicy": {
                "instancesDistribution": {"onDemandPercentageAboveBaseCapacity": 50},
            },
        },
        [
            resource(
                "aws:ec2/launchTemplate:LaunchTemplate",
                instanceType="t3.medium",
                blockDeviceMappings=[{"ebs": {"volumeSize": 73}}],
            )
        ],
        # 730 + 100 h, half of them at 0.0416, half at 40 % of it; 73 x 830 / 730 x 0.08
        {
            "instances t3.medium, on demand": "17.2640",
            "instances t3.medium, spot": "6.9056",
            "their volumes, gp3": "6.6400",
        },
    ),
    ("aws:ecr/repository:Repository", {"name": "p-airflow-dev"}, [], {"images": "0.1000"}),
    (
        "aws:efs/fileSystem:FileSystem",
        {"throughputMode": "elastic", "lifecyclePolicies": [{"transitionToIa": "AFTER_30_DAYS"}]},
        [],
        {
            "files, Standard": "0.7500",  # 2.5 x 0.30
            "files, Infrequent Access": "0.0400",  # 2.5 x 0.016
            "reads of infrequent files": "0.0020",
            "read, elastic throughput": "0.6000",  # 20 x 0.03
            "written, elastic throughput": "0.3000",  # 5 x 0.06
        },
    ),
    (
        "aws:efs/fileSystem:FileSystem",
        {"throughputMode": "provisioned", "provisionedThroughputInMibps": 50},
        [],
        {"files, Standard": "1.5000", "provisioned throughput": "298.5000"},  # (50 - 5 / 20) x 6
    ),
    (
        "aws:kinesis/stream:Stream",
        {"shardCount": 2, "retentionPeriod": 24, "encryptionType": "KMS"},
        [],
        # 1,460 x 0.015; 2,200 x 730 / 24 x 0.000000014; 24 x 730 x 0.000003
        {"shards, 2": "21.9000", "records": "0.0009", "data keys": "0.0526"},
    ),
    (
        "aws:kinesis/stream:Stream",
        {"shardCount": 1, "retentionPeriod": 168},
        [],
        {"shards, 1": "10.9500", "records": "0.0009", "kept for up to a week": "14.6000"},  # 730 x 0.02
    ),
    (
        "aws:kinesis/stream:Stream",
        {"streamModeDetails": {"streamMode": "ON_DEMAND"}},
        [],
        # 730 x 0.04; 66,916.7 records of 1 KB are 0.0638 GB: x 0.08, x 0.04
        {"stream on demand": "29.2000", "data in": "0.0051", "data out": "0.0026"},
    ),
    (
        "aws:lambda/function:Function",
        {"architectures": ["arm64"], "memorySize": 1024},
        [],
        # 1,000 calls of 100 ms and 30.4 starts of 150 ms: 104.5625 GB-seconds x 0.0000133334
        {"requests": "0.0002", "duration, cold starts included": "0.0014"},
    ),
    ("aws:sqs/queue:Queue", {}, [], {"requests": "0.0040"}),  # 10,000 x 0.0000004
    (
        "aws:dynamodb/table:Table",
        {"billingMode": "PAY_PER_REQUEST", "pointInTimeRecovery": {"enabled": True}},
        [],
        {"writes": "0.0625", "reads": "0.0125", "stored": "0.0250", "point-in-time recovery": "0.0200"},
    ),
    (
        "aws:rds/instance:Instance",
        {"instanceClass": "db.t4g.micro", "allocatedStorage": 20, "storageType": "gp3"},
        [],
        # 730 x 0.016; 20 x 0.115
        {"instance db.t4g.micro, one zone": "11.6800", "storage, gp3, one zone": "2.3000"},
    ),
    (
        "aws:rds/instance:Instance",
        {
            "instanceClass": "db.t4g.small",
            "multiAz": True,
            "allocatedStorage": 100,
            "storageType": "io1",
            "iops": 1000,
            "manageMasterUserPassword": True,
            "monitoringInterval": 60,
            "performanceInsightsEnabled": True,
            "performanceInsightsRetentionPeriod": 731,
        },
        [],
        {
            "instance db.t4g.small, two zones": "47.4500",  # 730 x 0.065
            "storage, io1, two zones": "25.0000",
            "provisioned IOPS": "200.0000",
            "Performance Insights": "5.9000",
            "Enhanced Monitoring's log": "0.1000",
            "secret of the master user": "0.4000",
        },
    ),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/aws/lambda/x", "retentionInDays": 73},
        [],
        # 0.1 x 0.50; 0.1 GB x 2.4 months x 0.15 x 0.03
        {"logs written": "0.0500", "logs kept for 73 days": "0.0011"},
    ),
    *WATCHING,
    ("aws:secretsmanager/secret:Secret", {}, [], {"secret": "0.4000", "requests": "0.0250"}),
    ("aws:kms/key:Key", {}, [], {"key": "1.0000"}),
    ("aws:scheduler/schedule:Schedule", {}, [], {"invocations": "0.0000"}),
    ("aws:sfn/stateMachine:StateMachine", {}, [], {"state transitions": "0.0500"}),
]
