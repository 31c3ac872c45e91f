"""The network: NAT, endpoints, the load balancer, addresses, zones, and what leaves it."""

from collections.abc import Iterator

from ops.costs.model import Line, Resource
from ops.costs.pricing import HOURS, Free, Pricing, Rules

NAT = "aws:ec2/natGateway:NatGateway"


def stack(one: Resource, at: Pricing) -> Iterator[Line]:
    """What the whole stack sends to the internet, and between its zones, where it is billed on both sides."""
    yield at.line(one, "data out to the internet", at.usage.internet_out_gb, "transfer.out")
    if at.graph.all("aws:ecs/service:Service"):
        yield at.line(one, "data between zones, both ways", 2 * at.usage.between_zones_gb, "transfer.zones")


def nat_gateway(one: Resource, at: Pricing) -> Iterator[Line]:
    """A gateway costs by the hour and by what goes through it; the stack's gateways share `nat_gb`."""
    yield at.line(one, "NAT gateway", HOURS, "nat.hour")
    yield at.line(one, "data through it", at.usage.nat_gb / len(at.graph.all(NAT)), "nat.gb")


def endpoint(one: Resource, at: Pricing) -> Iterator[Line]:
    """Gateway endpoints are free; interface endpoints cost by the hour in each subnet, and by their data."""
    if one.inputs.get("vpcEndpointType", "Gateway") != "Interface":
        return
    subnets = len(one.inputs.get("subnetIds") or ())
    others = [
        other
        for other in at.graph.all("aws:ec2/vpcEndpoint:VpcEndpoint")
        if other.inputs.get("vpcEndpointType") == "Interface"
    ]
    yield at.line(one, f"interface endpoint in {subnets} zones", HOURS * subnets, "endpoint.hour")
    yield at.line(one, "data through it", at.usage.endpoint_gb / len(others), "endpoint.gb")


def load_balancer(one: Resource, at: Pricing) -> Iterator[Line]:
    """A balancer costs by the hour and by its capacity units; one on the internet has an address a zone."""
    yield at.line(one, "load balancer", HOURS, "alb.hour")
    yield at.line(one, "capacity units", at.usage.balancer_lcus * HOURS, "alb.lcu")
    if not one.inputs.get("internal"):
        zones = len(one.inputs.get("subnets") or ())
        yield at.line(one, f"public IPv4 addresses, {zones}", HOURS * zones, "ipv4.hour")


def zone(one: Resource, at: Pricing) -> Iterator[Line]:
    """A namespace of Cloud Map is a private hosted zone of Route 53; what ECS registers in it is free."""
    yield at.line(one, "private hosted zone", 1, "dns.zone")
    yield at.line(one, "DNS queries", at.usage.dns_queries, "dns.queries")


RULES: Rules = {
    "pulumi:pulumi:Stack": stack,
    NAT: nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
    "aws:lb/loadBalancer:LoadBalancer": load_balancer,
    "aws:route53/zone:Zone": zone,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": zone,
}
FREE: Free = {
    "aws:acm/certificate:Certificate": "public certificates are free",
    "aws:acm/certificateValidation:CertificateValidation": "is no resource of its own",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "security groups are free",
    "aws:ec2/flowLog:FlowLog": "its log group is priced",
    "aws:ec2/internetGateway:InternetGateway": "internet gateways are free",
    "aws:ec2/route:Route": "routes are free",
    "aws:ec2/routeTable:RouteTable": "route tables are free",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "route tables are free",
    "aws:ec2/securityGroup:SecurityGroup": "security groups are free",
    "aws:ec2/subnet:Subnet": "subnets are free",
    "aws:ec2/vpc:Vpc": "VPCs are free",
    "aws:lb/listener:Listener": "the load balancer is priced",
    "aws:lb/listenerRule:ListenerRule": "the first ten rules are free",
    "aws:lb/targetGroup:TargetGroup": "the load balancer is priced",
    "aws:route53/record:Record": "queries to aliases of AWS's resources are free",
    "aws:servicediscovery/service:Service": "what ECS registers is free",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "security groups are free",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "security groups are free",
}
