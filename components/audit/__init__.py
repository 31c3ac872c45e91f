"""Who did what in the account, and what of it breaks a rule: CloudTrail and AWS Config."""

from components.audit.component import Audit as Audit
from components.audit.component import AuditArgs as AuditArgs
from components.audit.component import audit as audit
