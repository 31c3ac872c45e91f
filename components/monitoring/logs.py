"""Metrics made of log lines, and saved queries."""

import pulumi
import pulumi_aws as aws

from components.common.monitored import Monitored
from components.common.names import physical_name


def make(told: Monitored) -> None:
    """The filters and queries that a component has told of, as its children."""
    opts = pulumi.ResourceOptions(parent=told.owner)
    for metric in told.log_metrics:
        aws.cloudwatch.LogMetricFilter(
            f"{told.name}-{metric.name}",
            name=physical_name(metric.name),
            log_group_name=metric.log_group,
            pattern=metric.pattern,
            # No value where nothing matches: CloudWatch bills the hours in which a metric is sent.
            metric_transformation={"name": metric.name, "namespace": metric.namespace, "value": "1"},
            opts=opts,
        )
    for query in told.queries:
        aws.cloudwatch.QueryDefinition(
            f"{told.name}-{query.name}",
            name=f"{pulumi.get_project()}/{pulumi.get_stack()}/{query.name}",
            log_group_names=query.log_groups,
            query_string=query.text,
            opts=opts,
        )
