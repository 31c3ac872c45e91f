"""Users whom a load balancer has signed in with OIDC.

Source: Elastic Load Balancing, "Authenticate users using an Application Load Balancer", user claims encoding
and signature verification <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html>.
"""

import re

import httpx
import jwt

from workloads.admin.deadline import in_time
from workloads.admin.errors import PlatformError
from workloads.admin.settings import Settings
from workloads.admin.users import User

_KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # it becomes a part of an address
_TIMEOUT_SECONDS = 2


class LoadBalancerKeys:
    """Reads what one load balancer signs; the region's public keys are fetched once each."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys: dict[str, str] = {}

    def user(self, token: str) -> User | None:
        """Who the header x-amzn-oidc-data says is asking; None unless this load balancer signed it."""
        arn = self._settings.oidc_load_balancer_arn
        if not token or not arn:
            return None
        try:
            head = jwt.get_unverified_header(token)
            if head.get("signer") != arn:  # anybody's load balancer in the region has a key there
                return None
            claims = jwt.decode(
                token,
                self._key(str(head.get("kid"))),
                algorithms=["ES256"],
                options={"require": ["exp"], "verify_aud": False},
            )
        except (jwt.PyJWTError, httpx.HTTPError, PlatformError, ValueError):
            return None
        name = str(claims.get("email") or claims.get("sub") or "")
        verified = claims.get("email_verified", True) in (True, "true")
        admin = verified and name.lower() in self._settings.oidc_admins
        return User(name=name, role="admin" if admin else "viewer") if name else None

    def _key(self, key_id: str) -> str:
        if not _KEY_ID.fullmatch(key_id):
            raise ValueError(key_id)
        if key_id not in self._keys:
            url = f"https://public-keys.auth.elb.{self._settings.region}.amazonaws.com/{key_id}"
            self._keys[key_id] = in_time("The load balancer's keys", lambda: _text(url))
        return self._keys[key_id]


def _text(url: str) -> str:
    return httpx.get(url, timeout=_TIMEOUT_SECONDS).raise_for_status().text
