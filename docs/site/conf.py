"""The documentation site: Sphinx, Markdown by MyST, notebooks with the outputs that they were committed with."""

from typing import Any

from latex2mathml.converter import convert  # type: ignore[import-untyped]  # latex2mathml has no types

from inkdigits.version import __version__

project = "inkdigits"
author = "the inkdigits authors"
copyright = "the inkdigits authors"
version = release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["lessons/exercises"]
html_theme = "furo"
html_title = "inkdigits"
html_copy_source = False
html_static_path = ["style.css"]
html_css_files = ["style.css"]

nb_execution_mode = "off"  # `make lessons` runs them
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autodoc_typehints = "signature"
autodoc_typehints_format = "fully-qualified"
python_use_unqualified_type_names = True
autodoc_member_order = "bysource"
default_role = "code"
napoleon_use_ivar = True
suppress_warnings = ["mystnb.unknown_mime_type"]


def setup(app: Any) -> None:  # Any: Sphinx types its application loosely
    """Write formulae as MathML, which browsers draw themselves: the site needs no script from elsewhere."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))


def _inline(writer: Any, node: Any) -> None:
    writer.body.append(convert(node.astext()))
    _skip()


def _display(writer: Any, node: Any) -> None:
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    _skip()


def _skip() -> None:
    from docutils.nodes import SkipNode

    raise SkipNode


html_math_renderer = "mathml"
