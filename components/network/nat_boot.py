"""What the NAT instance is given: a unit that forwards for the VPC, tried at every boot until it works."""

import yaml

# nftables is not in Amazon Linux's image. The mirror may not answer yet at the first boot; the unit is
# started again until it has succeeded once.
_SCRIPT = """\
#!/bin/bash
set -euo pipefail
command -v nft > /dev/null || dnf install --assumeyes nftables
sysctl --load /etc/sysctl.d/90-nat.conf
nft --file /etc/nat.nft
"""
_UNIT = """\
[Unit]
Description=Network address translation for the private subnets
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/nat
Restart=on-failure
RestartSec=15

[Install]
WantedBy=multi-user.target
"""
# The first two lines make it the same file at every boot and on every retry.
_RULES = """\
table ip nat
delete table ip nat
table ip nat {{
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr {vpc_cidr} ip daddr != {vpc_cidr} masquerade
  }}
}}
"""


def user_data(vpc_cidr: str) -> str:
    """A cloud-config that forwards what comes from `vpc_cidr`, behind the instance's own address.

    The swap comes first: installing a package takes more than the 512 MiB of the smallest types.
    """
    config = {
        "swap": {"filename": "/swapfile", "size": "1G"},
        "write_files": [
            {"path": "/usr/local/sbin/nat", "permissions": "0755", "content": _SCRIPT},
            {"path": "/etc/nat.nft", "content": _RULES.format(vpc_cidr=vpc_cidr)},
            {"path": "/etc/sysctl.d/90-nat.conf", "content": "net.ipv4.ip_forward = 1\n"},
            {"path": "/etc/systemd/system/nat.service", "content": _UNIT},
        ],
        # Not waited for: what comes after it in the boot must not hang on a mirror.
        "runcmd": [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "--no-block", "nat"]],
    }
    return "#cloud-config\n" + yaml.safe_dump(config, sort_keys=False, width=1000)
