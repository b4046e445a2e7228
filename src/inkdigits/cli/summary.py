"""`inkdigits summary`: a network layer by layer."""

import typer

from inkdigits.cli.console import print_json, print_table
from inkdigits.errors import require


def summary(
    model: str = typer.Argument("quicknet", help="A network's name, as `--list` shows them."),
    list_: bool = typer.Option(False, "--list", help="List the networks instead."),
    json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Show each layer's output shape, parameters and multiply-accumulates, and every parameter tensor."""
    require("torch", extra="train", purpose="building a network")
    from inkdigits.models.registry import create_model, list_models
    from inkdigits.models.summary import summarize

    if list_:
        for name in list_models():
            found = summarize(create_model(name))
            if json:
                print_json({"name": name, "parameters": found.parameters, "macs": found.macs})
            else:
                print(f"{name:<16} {found.parameters:>8,} parameters {found.macs:>11,} MACs")
        return
    found = summarize(create_model(model))
    if json:
        print_json({"name": model} | found.to_dict())
        return
    print_table(
        ("layer", "kind", "output", "parameters", "MACs"),
        [
            (
                layer.name,
                layer.kind,
                " x ".join(map(str, layer.output_shape)),
                f"{layer.parameters:,}",
                f"{layer.macs:,}",
            )
            for layer in found.layers
        ],
        left=3,
    )
    print()
    print_table(
        ("tensor", "shape", "parameters"),
        [(tensor.name, " x ".join(map(str, tensor.shape)), f"{tensor.parameters:,}") for tensor in found.tensors],
        left=2,
    )
    print(f"\n{model}: {found.parameters:,} parameters, {found.macs:,} multiply-accumulates an image")
