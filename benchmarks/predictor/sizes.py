"""How large each way's package is, unzipped and zipped."""

import subprocess
import sys
import zipfile
from pathlib import Path

_ROOT = Path(__file__).parents[2]
# What each way needs besides the runtime's own boto3, as in the lock.
PACKAGES = {"peer": ["mlflow", "xgboost-cpu", "scikit-learn"], "numpy": ["xgboost-cpu", "numpy", "scipy"]}


def package(name: str, folder: Path) -> Path:
    """Installs a way's packages into `folder`, with the lock's versions."""
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet"),
            *("--constraint", str(_ROOT / "requirements.txt"), "--target", str(folder), *PACKAGES[name]),
        ],
        check=True,
    )
    return folder


def megabytes(folder: Path) -> tuple[float, float]:
    """The folder's files, and a zip of them at the default level, in 10^6 bytes."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for file in files:
            target.write(file, file.relative_to(folder))
    return sum(file.stat().st_size for file in files) / 1e6, archive.stat().st_size / 1e6
