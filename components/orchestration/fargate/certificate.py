"""The certificate of the services' names, which ACM issues once a record in the domain's zone proves them."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws


def validated_certificate(
    name: str, host_names: Sequence[str], zone_id: str, *, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The ARN of a certificate for `host_names`, known once ACM has issued it; the zone must be delegated."""
    opts = pulumi.ResourceOptions(parent=parent)
    first, *others = host_names
    certificate = aws.acm.Certificate(
        f"{name}-certificate",
        domain_name=first,
        subject_alternative_names=others,
        validation_method="DNS",
        opts=opts,
    )
    records = [_validation_record(name, host_name, certificate, zone_id, opts) for host_name in host_names]
    validation = aws.acm.CertificateValidation(
        f"{name}-certificate",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn for record in records],
        opts=opts,
    )
    return validation.certificate_arn


def _validation_record(
    name: str,
    host_name: str,
    certificate: aws.acm.Certificate,
    zone_id: str,
    opts: pulumi.ResourceOptions,
) -> aws.route53.Record:
    # ACM lists the names in no order.
    option = certificate.domain_validation_options.apply(
        lambda options: {each.domain_name: each for each in options}[host_name]
    )
    return aws.route53.Record(
        f"{name}-certificate-{host_name.split('.')[0]}",
        zone_id=zone_id,
        name=option.resource_record_name,
        type=option.resource_record_type,
        records=[option.resource_record_value],
        ttl=300,
        allow_overwrite=True,  # another stack or region may have proved the same name
        opts=opts,
    )
