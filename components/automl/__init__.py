"""AutoML on Fargate."""

from components.automl.component import Automl as Automl
from components.automl.component import AutomlArgs as AutomlArgs
from components.automl.component import automl as automl
from components.automl.machine import started_machine_name as started_machine_name
from components.automl.machine import state_machine_name as state_machine_name
