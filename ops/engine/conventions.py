"""How AWS forms ids, ARNs and addresses, as data.

Templates are filled with `name` (the physical name), `id`, `arn`, `region`, `account`, with `octet`, `hex8`,
`hex17`, `hex64`, `uuid` and `revision` (other ones for a replaced resource), with `content` and `version`
(other ones after an update, too), and with the resource's own inputs as `in[...]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Convention:
    """One resource type's forms; `arn` is what follows `arn:aws:`."""

    id: str = "{name}"
    arn: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)


_HERE = "{region}:{account}"


def _ec2(prefix: str, kind: str, **outputs: Any) -> Convention:
    return Convention(id=f"{prefix}-{{hex17}}", arn=f"ec2:{_HERE}:{kind}/{{id}}", outputs=outputs)


CONVENTIONS: Mapping[str, Convention] = {
    "aws:appautoscaling/target:Target": Convention(
        arn=f"application-autoscaling:{_HERE}:scalable-target/{{hex8}}"
    ),
    "aws:autoscaling/group:Group": Convention(
        arn=f"autoscaling:{_HERE}:autoScalingGroup:{{uuid}}:autoScalingGroupName/{{name}}"
    ),
    "aws:cfg/rule:Rule": Convention(arn=f"config:{_HERE}:config-rule/config-rule-{{hex8}}"),
    "aws:cloudtrail/trail:Trail": Convention(id="{arn}", arn=f"cloudtrail:{_HERE}:trail/{{name}}"),
    "aws:cloudwatch/eventRule:EventRule": Convention(arn=f"events:{_HERE}:rule/{{name}}"),
    "aws:budgets/budget:Budget": Convention(
        id="{account}:{name}", arn="budgets::{account}:budget/{name}"
    ),
    "aws:cloudwatch/logGroup:LogGroup": Convention(arn=f"logs:{_HERE}:log-group:{{name}}"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Convention(arn=f"cloudwatch:{_HERE}:alarm:{{name}}"),
    "aws:ebs/volume:Volume": _ec2("vol", "volume"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _ec2("sg", "security-group"),
    "aws:ec2/eip:Eip": _ec2(
        "eipalloc", "elastic-ip", allocationId="{id}", publicIp="203.0.113.{octet}",
        publicDns="ec2-203-0-113-{octet}.compute.amazonaws.com",
    ),
    "aws:ec2/flowLog:FlowLog": _ec2("fl", "vpc-flow-log"),
    "aws:ec2/instance:Instance": _ec2(
        "i", "instance", privateIp="10.0.1.{octet}", publicIp="203.0.113.{octet}",
        privateDns="ip-10-0-1-{octet}.ec2.internal", publicDns="ec2-203-0-113-{octet}.compute.amazonaws.com",
        primaryNetworkInterfaceId="eni-{hex17}", instanceState="running",
    ),
    "aws:ec2/internetGateway:InternetGateway": _ec2("igw", "internet-gateway"),
    "aws:ec2/launchTemplate:LaunchTemplate": _ec2("lt", "launch-template", latestVersion=1, defaultVersion=1),
    "aws:ec2/natGateway:NatGateway": _ec2("nat", "natgateway", networkInterfaceId="eni-{hex17}"),
    "aws:ec2/networkInterface:NetworkInterface": _ec2("eni", "network-interface", privateIp="10.0.1.{octet}"),
    "aws:ec2/route:Route": Convention(id="r-{hex17}"),
    "aws:ec2/routeTable:RouteTable": _ec2("rtb", "route-table"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Convention(id="rtbassoc-{hex17}"),
    "aws:ec2/securityGroup:SecurityGroup": _ec2("sg", "security-group"),
    "aws:ec2/subnet:Subnet": _ec2("subnet", "subnet"),
    "aws:ec2/vpc:Vpc": _ec2("vpc", "vpc"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2(
        "vpce", "vpc-endpoint", prefixListId="pl-{hex8}", state="available",
        dnsEntries=[{"dnsName": "{id}.vpce.amazonaws.com", "hostedZoneId": "Z{hex17}"}],
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _ec2("sgr", "security-group-rule"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ec2("sgr", "security-group-rule"),
    "aws:ecr/repository:Repository": Convention(
        arn=f"ecr:{_HERE}:repository/{{name}}",
        outputs={"repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}"},
    ),
    "aws:ecs/cluster:Cluster": Convention(id="{arn}", arn=f"ecs:{_HERE}:cluster/{{name}}"),
    "aws:ecs/service:Service": Convention(id="{arn}", arn=f"ecs:{_HERE}:service/{{name}}"),
    "aws:ecs/taskDefinition:TaskDefinition": Convention(
        arn=f"ecs:{_HERE}:task-definition/{{name}}:{{revision}}",
        outputs={
            "arnWithoutRevision": f"arn:aws:ecs:{_HERE}:task-definition/{{name}}", "revision": "{revision}",
        },
    ),
    "aws:efs/accessPoint:AccessPoint": Convention(
        id="fsap-{hex17}", arn=f"elasticfilesystem:{_HERE}:access-point/{{id}}"
    ),
    "aws:efs/fileSystem:FileSystem": Convention(
        id="fs-{hex17}", arn=f"elasticfilesystem:{_HERE}:file-system/{{id}}",
        outputs={"dnsName": "{id}.efs.{region}.amazonaws.com"},
    ),
    "aws:efs/mountTarget:MountTarget": Convention(
        id="fsmt-{hex17}", outputs={"ipAddress": "10.0.3.{octet}", "networkInterfaceId": "eni-{hex17}"}
    ),
    "aws:iam/instanceProfile:InstanceProfile": Convention(arn="iam::{account}:instance-profile/{name}"),
    "aws:iam/policy:Policy": Convention(id="{arn}", arn="iam::{account}:policy/{name}"),
    "aws:iam/role:Role": Convention(arn="iam::{account}:role/{name}"),
    "aws:kinesis/stream:Stream": Convention(id="{arn}", arn=f"kinesis:{_HERE}:stream/{{name}}"),
    "aws:kms/key:Key": Convention(id="{uuid}", arn=f"kms:{_HERE}:key/{{id}}", outputs={"keyId": "{id}"}),
    "aws:lambda/alias:Alias": Convention(arn=f"lambda:{_HERE}:function:{{in[functionName]}}:{{name}}"),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Convention(
        id="{uuid}", arn=f"lambda:{_HERE}:event-source-mapping:{{id}}",
        outputs={
            "functionArn": f"arn:aws:lambda:{_HERE}:function:{{hex8}}", "state": "Enabled", "uuid": "{id}",
        },
    ),
    "aws:lambda/function:Function": Convention(
        arn=f"lambda:{_HERE}:function:{{name}}",
        outputs={"version": "{version}", "qualifiedArn": "{arn}:{version}", "sourceCodeSize": 1},
    ),
    "aws:lb/listener:Listener": Convention(
        id="{arn}", arn=f"elasticloadbalancing:{_HERE}:listener/app/{{name}}/{{hex17}}"
    ),
    "aws:lb/listenerRule:ListenerRule": Convention(
        id="{arn}", arn=f"elasticloadbalancing:{_HERE}:listener-rule/app/{{name}}/{{hex17}}/{{hex8}}/{{hex8}}"
    ),
    "aws:lb/loadBalancer:LoadBalancer": Convention(
        id="{arn}", arn=f"elasticloadbalancing:{_HERE}:loadbalancer/app/{{name}}/{{hex17}}",
        outputs={
            "dnsName": "{name}-{octet}.{region}.elb.amazonaws.com",
            "availabilityZoneId": "use1-az1",
    "zoneId": "Z35SXDOTRQ7X7K",  # where Route 53 keeps us-east-1's load balancers
            "arnSuffix": "app/{name}/{hex17}",
        },
    ),
    "aws:lb/targetGroup:TargetGroup": Convention(
        id="{arn}", arn=f"elasticloadbalancing:{_HERE}:targetgroup/{{name}}/{{hex17}}",
        outputs={"arnSuffix": "targetgroup/{name}/{hex17}"},
    ),
    "aws:rds/instance:Instance": Convention(
        id="db-{hex17}", arn=f"rds:{_HERE}:db:{{name}}",
        outputs={
            "address": "{name}.{hex8}.{region}.rds.amazonaws.com",
            "endpoint": "{name}.{hex8}.{region}.rds.amazonaws.com:5432",
            "port": 5432, "identifier": "{name}", "resourceId": "{id}", "status": "available",
            "masterUserSecrets": [
                {"secretArn": f"arn:aws:secretsmanager:{_HERE}:secret:rds!{{id}}", "secretStatus": "active"}
            ],
        },
    ),
    "aws:rds/parameterGroup:ParameterGroup": Convention(arn=f"rds:{_HERE}:pg:{{name}}"),
    "aws:rds/subnetGroup:SubnetGroup": Convention(arn=f"rds:{_HERE}:subgrp:{{name}}"),
    "aws:route53/zone:Zone": Convention(
        id="Z{hex17}", arn="route53:::hostedzone/{id}", outputs={"zoneId": "{id}"}
    ),
    "aws:s3/bucket:Bucket": Convention(
        arn="s3:::{name}",
        outputs={
            "bucket": "{name}", "bucketDomainName": "{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": "{name}.s3.{region}.amazonaws.com", "bucketRegion": "{region}",
        },
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Convention(
        outputs={"versionId": "{content}", "etag": "{content}"}
    ),
    "aws:scheduler/schedule:Schedule": Convention(arn=f"scheduler:{_HERE}:schedule/default/{{name}}"),
    "aws:scheduler/scheduleGroup:ScheduleGroup": Convention(arn=f"scheduler:{_HERE}:schedule-group/{{name}}"),
    "aws:secretsmanager/secret:Secret": Convention(
        id="{arn}", arn=f"secretsmanager:{_HERE}:secret:{{name}}-{{hex8}}"
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Convention(
        id="{in[secretId]}|{uuid}",
        outputs={"arn": "{in[secretId]}", "secretArn": "{in[secretId]}", "versionId": "{uuid}"},
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": Convention(
        id="ns-{hex17}", arn=f"servicediscovery:{_HERE}:namespace/{{id}}", outputs={"hostedZone": "Z{hex17}"}
    ),
    "aws:servicediscovery/service:Service": Convention(
        id="srv-{hex17}", arn=f"servicediscovery:{_HERE}:service/{{id}}"
    ),
    "aws:sfn/stateMachine:StateMachine": Convention(id="{arn}", arn=f"states:{_HERE}:stateMachine:{{name}}"),
    "aws:sns/topic:Topic": Convention(id="{arn}", arn=f"sns:{_HERE}:{{name}}"),
    "aws:sns/topicSubscription:TopicSubscription": Convention(
        id="{arn}", arn=f"sns:{_HERE}:{{name}}:{{uuid}}"
    ),
    "aws:sqs/queue:Queue": Convention(
        id="https://sqs.{region}.amazonaws.com/{account}/{name}", arn=f"sqs:{_HERE}:{{name}}",
        outputs={"url": "{id}"},
    ),
    "aws:ssm/parameter:Parameter": Convention(arn=f"ssm:{_HERE}:parameter/{{name}}", outputs={"version": 1}),
    "pulumi:providers:aws": Convention(id="{uuid}"),
    "docker:index/image:Image": Convention(
        id="sha256:{hex64}", outputs={"repoDigest": "{in[imageName]}@sha256:{hex64}"}
    ),
    "random:index/randomUuid:RandomUuid": Convention(id="{uuid}", outputs={"result": "{uuid}"}),
}  # fmt: skip

# An output that no convention names: by how its name ends, the first that fits.
BY_SUFFIX: Mapping[str, str] = {
    "SecurityGroupId": "sg-{hex17}",
    "RouteTableId": "rtb-{hex17}",
    "NetworkAclId": "acl-{hex17}",
    "NetworkInterfaceId": "eni-{hex17}",
    "arn": "{arn}",
    "Arn": "{arn}",
    "accountId": "{account}",
    "ownerId": "{account}",
    "registryId": "{account}",
    "availabilityZoneId": "use1-az1",
    "zoneId": "Z{hex17}",
    "ZoneId": "Z{hex17}",
    "region": "{region}",
}
