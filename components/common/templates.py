"""Templates of files that instances get."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from components.common.paths import IMAGES

_templates = Environment(
    loader=FileSystemLoader(IMAGES),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - YAML and systemd units, no HTML
    keep_trailing_newline=True,
)


def render(template: str, **values: object) -> str:
    """A template under `workloads/images`, filled in; a value that it names and does not get is an error."""
    return _templates.get_template(template).render(**values)
