"""Invented outputs have the form that AWS and pulumi-random give theirs."""

import base64
import re

import pytest

from tests.ops.engine.conftest import Program


def test_outputs_have_the_form_that_aws_gives_them(program: Program) -> None:
    outputs = program.run(
        """
        bucket = aws.s3.Bucket("b", bucket="rides")
        group = aws.cloudwatch.LogGroup("auto")
        repository = aws.ecr.Repository("r", name="trips")
        database = aws.rds.Instance("d", identifier="db", engine="postgres", instance_class="db.t4g.micro")
        secret = aws.secretsmanager.Secret("s", name="key")
        version = aws.secretsmanager.SecretVersion("v", secret_id=secret.id, secret_string="x")
        alias = aws.lambda_.Alias("a", name="live", function_name="f", function_version="1")
        for name, value in {
            "bucket": bucket.arn, "domain": bucket.bucket_regional_domain_name, "group": group.name,
            "repository": repository.repository_url, "endpoint": database.endpoint, "port": database.port,
            "master": database.master_user_secrets[0].secret_arn, "version": version.arn, "alias": alias.arn,
        }.items():
            pulumi.export(name, value)
        """,
        preview=False,
    ).outputs
    forms = {
        "bucket": r"arn:aws:s3:::rides",
        "domain": r"rides\.s3\.eu-west-1\.amazonaws\.com",
        "group": r"auto-[0-9a-f]{7}",
        "repository": r"123456789012\.dkr\.ecr\.eu-west-1\.amazonaws\.com/trips",
        "endpoint": r"db\.[0-9a-f]{8}\.eu-west-1\.rds\.amazonaws\.com:5432",
        "port": r"5432",
        "master": r"arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-[0-9a-f]{17}",
        "version": r"arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-[0-9a-f]{8}",
        "alias": r"arn:aws:lambda:eu-west-1:123456789012:function:f:live",
    }
    for name, form in forms.items():
        assert re.fullmatch(form, str(outputs[name])), (name, outputs[name])


@pytest.mark.parametrize("length", [1, 32, 100])
def test_random_values_have_the_length_that_was_asked_for(program: Program, length: int) -> None:
    outputs = program.run(
        f"""
        password = random.RandomPassword("p", length={length})
        data = random.RandomBytes("b", length={length})
        number = random.RandomId("i", byte_length={length})
        pulumi.export("password", password.result)
        pulumi.export("base64", data.base64)
        pulumi.export("hex", number.hex)
        """,
        preview=False,
    ).outputs
    assert len(outputs["password"]) == length
    assert len(base64.b64decode(outputs["base64"])) == length
    assert len(bytes.fromhex(outputs["hex"])) == length
