"""`inkdigits recipes`: what can be trained by name."""

from dataclasses import asdict

import typer

from inkdigits.cli.console import percent, print_json, print_table
from inkdigits.recipes.catalog import RECIPES


def recipes(
    json: bool = typer.Option(False, "--json", help="Every recipe with all its numbers, one a line."),
) -> None:
    """List the recipes: what their sources report and what we measure."""
    if json:
        for name, recipe in RECIPES.items():
            print_json({"name": name} | asdict(recipe))
        return
    rows = [
        (
            name,
            percent(recipe.published) if recipe.published else "-",
            percent(recipe.measured) if recipe.measured else "-",
            " " + recipe.title,
        )
        for name, recipe in RECIPES.items()
    ]
    width = max(len(row[3]) for row in rows)
    print_table(("recipe", "published", "measured", " what".ljust(width)), [(*r[:3], r[3].ljust(width)) for r in rows])
