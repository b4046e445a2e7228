"""`inkdigits export`: a run as one ONNX file."""

from pathlib import Path

import typer

from inkdigits.cli.console import print_json
from inkdigits.errors import ConfigError, require


def export(
    run: Path = typer.Argument(..., help="A run's folder or a .safetensors checkpoint.", show_default=False),
    out: Path = typer.Argument(Path("model.onnx"), help="The file to write."),
    json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Write a trained network as one ONNX file and prove on 10,000 images that it says the same."""
    if out.suffix != ".onnx":
        raise ConfigError(f"the model is an .onnx file, got {out.name!r}: call it {out.stem}.onnx")
    if run == Path("shipped"):
        raise ConfigError("the model in the package is an exported one already: `inkdigits read` uses it as it is")
    require("torch", extra="train", purpose="exporting a network")
    from dataclasses import asdict

    from inkdigits.export import export_onnx
    from inkdigits.training.checkpoint import load_checkpoint

    proof = export_onnx(load_checkpoint(run, device="cpu"), out)
    if json:
        print_json({"path": str(out)} | asdict(proof))
        return
    print(f"{out}: {proof.bytes / 1000:.0f} kB")
    print(
        f"compared on {proof.images:,} images: {proof.label_differences} labels differ, "
        f"probabilities by at most {proof.max_probability_difference:.1e}"
    )
