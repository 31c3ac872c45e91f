"""The ML workstation."""

from components.workstation.args import WorkstationArgs as WorkstationArgs
from components.workstation.component import Workstation as Workstation
from components.workstation.component import workstation as workstation
