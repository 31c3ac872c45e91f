"""What a run of a program gives: resources, values, failures."""

from collections.abc import Mapping
from typing import Any

import pytest

from ops.engine import UNKNOWN, Created, Deployment, Registration, Resource
from tests.ops.engine.conftest import Program


def named(deployment: Deployment, name: str, type_end: str = "") -> Resource:
    (found,) = (r for r in deployment.resources if r.name == name and r.type.endswith(type_end))
    return found


QUEUE = """
    queue = aws.sqs.Queue("rides", name="rides", tags={"a": "b"})
    pulumi.export("arn", queue.arn)
    pulumi.export("name", queue.name)
"""


def test_a_preview_knows_inputs_but_no_computed_outputs(program: Program) -> None:
    deployment = program.run(QUEUE)
    assert deployment.exit_code == 0
    assert deployment.outputs == {"arn": UNKNOWN, "name": "rides"}
    assert named(deployment, "rides").id is None


def test_planned_resources_have_invented_outputs(program: Program) -> None:
    """In an update without a backend."""
    deployment = program.run(QUEUE, preview=False)
    queue = named(deployment, "rides")
    assert deployment.outputs["arn"] == "arn:aws:sqs:eu-west-1:123456789012:rides"
    assert queue.id == "https://sqs.eu-west-1.amazonaws.com/123456789012/rides"
    assert queue.status == "planned"


def test_invented_outputs_are_the_same_in_every_run(program: Program) -> None:
    source = 'vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")\npulumi.export("id", vpc.id)'
    first, second = (program.run(source, preview=False).outputs["id"] for _ in range(2))
    assert first == second
    assert first.startswith("vpc-")


def test_applies_on_unknown_values_do_not_run_in_a_preview(program: Program) -> None:
    source = """
        queue = aws.sqs.Queue("rides")
        queue.arn.apply(lambda arn: print(f"applied to {arn}"))
    """
    assert not any("applied" in d.message for d in program.run(source).diagnostics)
    assert any("applied to arn:" in d.message for d in program.run(source, preview=False).diagnostics)


class Recorder:
    """A backend that makes queues and leaves the rest."""

    def __init__(self) -> None:
        self.seen: list[Registration] = []

    def create(self, resource: Registration) -> Created | None:
        self.seen.append(resource)
        if resource.type == "aws:sqs/queue:Queue":
            return Created(id="http://queue", outputs={"arn": "arn:real", "url": "http://queue"})
        return None

    def invoke(self, token: str, args: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return {"accountId": "000000000001"} if token.endswith("getCallerIdentity") else None


def test_a_backend_makes_resources_and_answers_functions(program: Program) -> None:
    backend = Recorder()
    deployment = program.run(
        """
        queue = aws.sqs.Queue("rides")
        topic = aws.sns.Topic("alarms", display_name=queue.arn)
        pulumi.export("account", aws.get_caller_identity().account_id)
        pulumi.export("region", aws.get_region().region)
        """,
        preview=False,
        backend=backend,
    )
    assert named(deployment, "rides").status == "created"
    assert named(deployment, "alarms").status == "planned"
    assert [r.inputs for r in backend.seen if r.name == "alarms"] == [{"displayName": "arn:real"}]
    assert deployment.outputs == {"account": "000000000001", "region": "eu-west-1"}


class Broken(Recorder):
    def create(self, resource: Registration) -> Created | None:
        raise RuntimeError("no room")


def test_a_failing_backend_fails_the_deployment_at_that_resource(program: Program) -> None:
    deployment = program.run(
        'a = aws.sqs.Queue("one")\naws.sqs.Queue("two", policy=a.arn)', preview=False, backend=Broken()
    )
    assert deployment.exit_code == 1
    assert [((d.urn or "").split("::")[-1], d.message) for d in deployment.errors] == [("one", "no room")]


def test_parents_dependencies_and_options_are_kept(program: Program) -> None:
    deployment = program.run("""
        class Part(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("fixture:index:Part", name)
                child = pulumi.ResourceOptions(
                    parent=self, protect=True, ignore_changes=["tags"], aliases=[pulumi.Alias(name="old")]
                )
                self.queue = aws.sqs.Queue(f"{name}-queue", opts=child)
                self.register_outputs({"arn": self.queue.arn})

        part = Part("part")
        first = aws.sns.Topic("first", display_name=part.queue.arn)
        second = aws.sns.Topic("second", opts=pulumi.ResourceOptions(depends_on=[first]))
    """)
    stack, part, queue, first, second = (
        named(deployment, name) for name in ("fixture-dev", "part", "part-queue", "first", "second")
    )
    assert queue.urn == "urn:pulumi:dev::fixture::fixture:index:Part$aws:sqs/queue:Queue::part-queue"
    assert (part.parent, queue.parent) == (stack.urn, part.urn)
    assert (queue.protect, queue.ignore_changes) == (True, ("tags",))
    assert queue.aliases == (queue.urn.replace("part-queue", "old"),)
    assert first.dependencies == (queue.urn,)
    assert first.property_dependencies == {"displayName": (queue.urn,)}
    assert second.dependencies == (first.urn,)


def test_a_duplicate_urn_is_refused(program: Program) -> None:
    deployment = program.run('aws.sqs.Queue("rides")\naws.sqs.Queue("rides")')
    assert deployment.exit_code == 1
    (error,) = deployment.errors
    assert error.urn == "urn:pulumi:dev::fixture::aws:sqs/queue:Queue::rides"
    assert "duplicate" in error.message


def test_a_run_error_is_one_message_without_a_traceback(program: Program) -> None:
    deployment = program.run('raise pulumi.RunError("tier: got huge")')
    assert deployment.exit_code == 1
    assert [d.message for d in deployment.diagnostics] == ["tier: got huge"]


def test_traceback_shows_the_programs_own_frames(program: Program) -> None:
    """Of an unhandled exception."""
    (error,) = program.run("def broken():\n    return 1 / 0\nbroken()").errors
    assert "ZeroDivisionError" in error.message
    assert "in broken" in error.message
    assert "site-packages" not in error.message


def test_log_messages_and_prints_become_diagnostics(program: Program) -> None:
    deployment = program.run('pulumi.warn("careful")\nprint("hello")\npulumi.log.debug("noise")')
    assert [(d.severity, d.message) for d in deployment.diagnostics] == [
        ("warning", "careful"),
        ("info", "hello"),
    ]
    assert deployment.exit_code == 0


def test_an_error_in_the_log_fails_the_deployment(program: Program) -> None:
    assert program.run('pulumi.error("wrong")').exit_code == 1


def test_transforms_run_before_the_check_and_reach_the_resource(program: Program) -> None:
    deployment = program.run("""
        def tag(args):
            if args.type_ == "aws:sqs/queue:Queue":
                return pulumi.ResourceTransformResult(
                    {**args.props, "tags": {"team": "rides"}},
                    pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True)),
                )

        pulumi.runtime.register_resource_transform(tag)
        aws.sqs.Queue("rides", delay_seconds=1)
        aws.sns.Topic("alarms")
    """)
    assert deployment.errors == ()
    queue = named(deployment, "rides")
    assert queue.inputs == {"delaySeconds": 1, "tags": {"team": "rides"}}
    assert queue.protect
    assert not named(deployment, "alarms").protect


def test_existing_resources_are_read_under_their_id(program: Program) -> None:
    source = 'pulumi.export("arn", aws.ec2.Vpc.get("shared", "vpc-1234").arn)'
    assert program.run(source).outputs == {"arn": UNKNOWN}
    deployment = program.run(source, preview=False)
    assert deployment.outputs == {"arn": "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1234"}
    assert named(deployment, "shared").status == "read"


@pytest.mark.parametrize("preview", [True, False])
def test_a_function_without_an_answer_is_named(program: Program, preview: bool) -> None:
    deployment = program.run('aws.ec2.get_ami(owners=["self"])\naws.ec2.get_key_pair()', preview=preview)
    assert [d.message for d in deployment.errors] == [
        "aws:ec2/getKeyPair:getKeyPair cannot be answered offline; add it to ops/engine/invokes.py"
    ]


def test_disabled_default_provider_is_refused(program: Program) -> None:
    """An explicit one is kept."""
    deployment = program.run(
        """
        ours = aws.Provider("ours", region="us-west-2", default_tags={"tags": {"Team": "rides"}})
        aws.sqs.Queue("with", name="with", opts=pulumi.ResourceOptions(provider=ours))
        aws.sqs.Queue("without")
        """,
        config={"pulumi:disable-default-providers": '["aws"]'},
    )
    (error,) = deployment.errors
    assert (error.urn or "").endswith("::without")
    assert "default provider for 'aws' is disabled" in error.message
    assert named(deployment, "with").provider == named(deployment, "ours").urn
    assert named(deployment, "ours").inputs["defaultTags"] == {"tags": {"Team": "rides"}}


def test_provider_gives_tags_and_region(program: Program) -> None:
    """To its resources."""
    deployment = program.run(
        """
        ours = aws.Provider("ours", region="us-west-2", default_tags={"tags": {"Team": "rides", "a": "0"}})
        queue = aws.sqs.Queue("q", name="q", tags={"a": "b"}, opts=pulumi.ResourceOptions(provider=ours))
        pulumi.export("tags", queue.tags_all)
        pulumi.export("arn", queue.arn)
        pulumi.export("region", aws.get_region(opts=pulumi.InvokeOptions(provider=ours)).region)
        """,
        preview=False,
    )
    assert deployment.outputs == {
        "tags": {"Team": "rides", "a": "b"},
        "arn": "arn:aws:sqs:us-west-2:123456789012:q",
        "region": "us-west-2",
    }


def test_the_program_does_not_see_the_engines_folder(program: Program) -> None:
    deployment = program.run("""
        import sys
        from pathlib import Path

        pulumi.export("ops", [path for path in sys.path if (Path(path) / "ops").is_dir()])
    """)
    assert deployment.outputs == {"ops": []}
