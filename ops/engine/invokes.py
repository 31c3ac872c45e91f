"""What AWS answers to the provider functions a program may call, as an account with nothing in it would."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

ACCOUNT_ID = "123456789012"  # the account of AWS' own examples, and moto's

Answer: TypeAlias = Callable[[Mapping[str, Any], str], Mapping[str, Any]]


def answer(token: str, args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    """The result of provider function `token` in `region`.

    Raises:
        LookupError: naming the function, when the table has no answer.
    """
    if token not in _ANSWERS:
        raise LookupError(f"{token} cannot be answered offline; add it to ops/engine/invokes.py")
    return {"id": region, **_ANSWERS[token](args, args.get("region") or region)}


def _zones(args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    letters = "abcdef" if region == "us-east-1" else "abc"
    prefix = "".join(word[0] for word in region.split("-")[:2]) + region[-1]
    return {
        **args,
        "region": region,
        "groupNames": [region],
        "names": [f"{region}{letter}" for letter in letters],
        "zoneIds": [f"{prefix}-az{index}" for index in range(1, len(letters) + 1)],
    }


def _offerings(args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    """Every type in every zone."""
    types = next(one["values"] for one in args["filters"] if one["name"] == "instance-type")
    pairs = [(zone, type_) for type_ in types for zone in _zones({}, region)["names"]]
    return {
        **args,
        "region": region,
        "instanceTypes": [type_ for _, type_ in pairs],
        "locations": [zone for zone, _ in pairs],
        "locationTypes": [args["locationType"] for _ in pairs],
    }


def _caller(_: Mapping[str, Any], __: str) -> Mapping[str, Any]:
    return {
        "accountId": ACCOUNT_ID,
        "id": ACCOUNT_ID,
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:root",
        "userId": ACCOUNT_ID,
    }


def _region(_: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
    }


def _partition(_: Mapping[str, Any], __: str) -> Mapping[str, Any]:
    return {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def _parameter(args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    """AWS' public parameters name machine images; any other value is as good as another."""
    name = args["name"]
    digest = hashlib.sha256(name.encode()).hexdigest()
    value = f"ami-{digest[:17]}" if "/ami" in name else f"value-of-{name}"
    return {
        **args,
        "id": name,
        "region": region,
        "arn": f"arn:aws:ssm:{region}:{ACCOUNT_ID}:parameter/{name.lstrip('/')}",
        "type": "String",
        "value": value,
        "insecureValue": value,
        "version": 1,
    }


def _image(args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    digest = hashlib.sha256(repr(sorted(args)).encode()).hexdigest()
    return {**args, "id": f"ami-{digest[:17]}", "imageId": f"ami-{digest[:17]}", "region": region}


def _vpc(args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    vpc = args.get("id") or "vpc-0a1b2c3d4e5f60718"
    return {
        **args,
        "id": vpc,
        "region": region,
        "arn": f"arn:aws:ec2:{region}:{ACCOUNT_ID}:vpc/{vpc}",
        "cidrBlock": args.get("cidrBlock") or "10.0.0.0/16",
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
        "mainRouteTableId": f"rtb-{vpc.removeprefix('vpc-')}",
        "tags": args.get("tags") or {},
    }


def _subnet(args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    subnet = args.get("id") or "subnet-0a1b2c3d4e5f60718"
    return {
        **args,
        "id": subnet,
        "region": region,
        "arn": f"arn:aws:ec2:{region}:{ACCOUNT_ID}:subnet/{subnet}",
        "availabilityZone": args.get("availabilityZone") or f"{region}a",
        "cidrBlock": args.get("cidrBlock") or "10.0.1.0/24",
        "vpcId": args.get("vpcId") or "vpc-0a1b2c3d4e5f60718",
        "tags": args.get("tags") or {},
    }


def _prefix_list(args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    return {**args, "id": "pl-63a5400a", "region": region, "cidrBlocks": [], "entries": []}


def _registry_login(args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    registry = f"{args.get('registryId') or ACCOUNT_ID}.dkr.ecr.{region}.amazonaws.com"
    return {
        "authorizationToken": "QVdTOm9mZmxpbmU=",
        "expiresAt": "2100-01-01T00:00:00Z",
        "password": "offline",
        "userName": "AWS",
        "proxyEndpoint": f"https://{registry}",
        "region": region,
    }


_ANSWERS: Mapping[str, Answer] = {
    "aws:ec2/getAmi:getAmi": _image,
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": _offerings,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _registry_login,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:ssm/getParameter:getParameter": _parameter,
}
