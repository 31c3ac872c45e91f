"""The command's options; their environment variables are those of a stack's containers and function."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

Month = Annotated[str, Argument(help="The month to train on, YYYY-MM.")]
Validate = Annotated[str, Option(help="The later month to measure errors on, YYYY-MM.")]
TrackingUri = Annotated[str, Option(envvar="MLFLOW_TRACKING_URI", help="MLflow's address.")]
Bucket = Annotated[str, Option(envvar="DATA_BUCKET", help="Where months are looked for and bundles go.")]
Data = Annotated[Path | None, Option(help="A folder with both months' files.")]
DatasetName = Annotated[str, Option("--dataset", envvar="DATASET", help="green or yellow.")]
AllowSynthetic = Annotated[
    bool, Option("--allow-synthetic", help="Train on synthetic trips where none can be had.")
]
ModelName = Annotated[str, Option(envvar="MODEL_NAME", help="The registered model.")]
ModelAlias = Annotated[str, Option(envvar="MODEL_ALIAS", help="The alias of the current model.")]
ChallengerAlias = Annotated[str, Option(envvar="CHALLENGER_ALIAS", help="The alias of the challenger.")]
AsChallenger = Annotated[
    bool, Option("--as-challenger", help="Publish under the challenger's alias, and no other.")
]
ChallengerFirst = Annotated[
    bool,
    Option(
        "--challenger-first",
        envvar="CHALLENGER_FIRST",
        help="Publish under the challenger's alias, unless no version is served yet.",
    ),
]
Margin = Annotated[
    float,
    Option(envvar="PROMOTION_MARGIN_MINUTES", help="Minutes of RMSE to be better than the current model by."),
]
Confidence = Annotated[
    float, Option(envvar="PROMOTION_CONFIDENCE", help="How sure that must be, 0.5 to 0.999.")
]
StateMachine = Annotated[
    str, Option(envvar="STATE_MACHINE_ARN", help="AutoML's state machine; automlAfterTraining sets it.")
]
Execution = Annotated[str, Option("--execution", help="The execution's name; each is started once.")]
AsJson = Annotated[bool, Option("--json", help="Print the result as JSON.")]
