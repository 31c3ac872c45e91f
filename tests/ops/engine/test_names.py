"""Physical names that two resources cannot both have."""

from ops.engine.names import clashes
from tests.ops.engine.conftest import Program

SOURCE = 'aws.sqs.Queue("queue", name="rides")\naws.sqs.Queue("auto")\naws.sns.Topic("topic", name="rides")'


def test_a_name_that_two_resources_have_fails_the_preview(program: Program) -> None:
    """The SDK registers them at the same time: the error is that of whichever comes last."""
    deployment = program.run(SOURCE + '\naws.sqs.Queue("second", name="rides")')
    (error,) = deployment.errors
    assert (error.urn or "").rpartition("::")[2] in ("queue", "second")
    assert error.message.startswith("name 'rides' is taken by urn:pulumi:dev::")


def test_names_within_different_scopes_do_not_clash(program: Program) -> None:
    deployment = program.run(
        """
        for index in range(2):
            network = aws.ec2.Vpc(f"vpc-{index}", cidr_block="10.0.0.0/16")
            aws.ec2.SecurityGroup(f"group-{index}", name="web", description="web", vpc_id=network.id)
            space = aws.servicediscovery.PrivateDnsNamespace(f"space-{index}", name="in", vpc=network.id)
            records = {"namespace_id": space.id, "dns_records": [{"type": "A", "ttl": 10}]}
            aws.servicediscovery.Service(f"service-{index}", name="web", dns_config=records)
        """,
        preview=False,
    )
    assert deployment.errors == ()


def test_two_stacks_of_one_account_clash(program: Program) -> None:
    stacks = [program.run(SOURCE, stack=stack, preview=False).resources for stack in ("dev", "prod")]
    assert sorted(urn.rpartition("::")[2] for urn, _ in clashes(*stacks)) == ["queue", "topic"]
