"""Security groups whose every rule is a resource of its own; what no rule allows is refused, outwards too."""

import pulumi
import pulumi_aws as aws

from components.common.names import physical_name


class Groups:
    """Makes the groups of one component and the rules between them; `key` names a rule within it."""

    def __init__(self, name: str, vpc_id: pulumi.Input[str], *, parent: pulumi.Resource) -> None:
        self._name = name
        self._vpc_id = vpc_id
        self._opts = pulumi.ResourceOptions(parent=parent)

    def group(self, group_name: str, description: str) -> aws.ec2.SecurityGroup:
        """A group that nothing may reach and that may reach nothing."""
        return aws.ec2.SecurityGroup(
            f"{self._name}-{group_name}",
            name=physical_name(f"{group_name}-sg"),
            description=description,
            vpc_id=self._vpc_id,
            tags={"Name": physical_name(f"{group_name}-sg")},
            opts=self._opts,
        )

    def admit(self, key: str, target: aws.ec2.SecurityGroup, port: int, cidr: str) -> None:
        """Lets an address range in."""
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-{key}",
            security_group_id=target.id,
            description=f"Port {port} from {cidr}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4=cidr,
            opts=self._opts,
        )

    def allow(
        self, key: str, source: aws.ec2.SecurityGroup, target: aws.ec2.SecurityGroup, port: int
    ) -> None:
        """Lets one group speak to another: out of the one and into the other."""
        self.allow_ids(key, source.id, target.id, port)

    def allow_ids(self, key: str, source: pulumi.Input[str], target: pulumi.Input[str], port: int) -> None:
        """The same for groups of which only the ids are at hand."""
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-{key}-out",
            security_group_id=source,
            description=f"Out to port {port}: {key}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=target,
            opts=self._opts,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-{key}-in",
            security_group_id=target,
            description=f"In to port {port}: {key}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=source,
            opts=self._opts,
        )

    def allow_range(self, key: str, group: aws.ec2.SecurityGroup, ports: tuple[int, int]) -> None:
        """Lets the members of a group reach each other on a range of ports."""
        first, last = ports
        for rule, direction in (
            (aws.vpc.SecurityGroupEgressRule, "out"),
            (aws.vpc.SecurityGroupIngressRule, "in"),
        ):
            rule(
                f"{self._name}-{key}-{direction}",
                security_group_id=group.id,
                description=f"Ports {first} to {last} within the group: {key}",
                ip_protocol="tcp",
                from_port=first,
                to_port=last,
                referenced_security_group_id=group.id,
                opts=self._opts,
            )

    def allow_https(self, key: str, source: aws.ec2.SecurityGroup) -> None:
        """Lets a group out to what speaks HTTPS: AWS, the image registries and the trip data."""
        self.allow_out(key, source, 443, "HTTPS to AWS, the image registries and the trip data")

    def allow_out(self, key: str, source: aws.ec2.SecurityGroup, port: int, description: str) -> None:
        """Lets a group out to one port of any address."""
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-{key}",
            security_group_id=source.id,
            description=description,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4="0.0.0.0/0",
            opts=self._opts,
        )
