"""`inkdigits adapt`: a model learns somebody's handwriting."""

from pathlib import Path

import typer

from inkdigits.cli.console import percent, print_json, say
from inkdigits.errors import ConfigError, require


def adapt(
    folder: Path = typer.Argument(
        ..., help="Labelled pictures: folders 0 to 9, or names that begin with the digit, 7_a.png.", show_default=False
    ),
    out: Path = typer.Option(Path("my.onnx"), help="The model to write."),
    model: Path | None = typer.Option(
        None, help="A run's folder or a .safetensors checkpoint to start from.", show_default="in the package"
    ),
    json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Teach a model your handwriting from a few labelled pictures.

    It is refused when the model would then read everybody else's digits worse by more than 0.1 points, or take for a
    digit more than 2 points more of what is none.
    """
    if out.suffix != ".onnx":
        raise ConfigError(f"the model is an .onnx file, got {str(out)!r}: call it {out.stem or 'my'}.onnx")
    if model is not None and model.suffix == ".onnx":
        raise ConfigError(f"{model} can read, but not learn: name the run's folder or .safetensors that it came from")
    require("torch", extra="train", purpose="adapting a model")
    from dataclasses import asdict

    import numpy as np

    from inkdigits.data.folder import labelled_pictures
    from inkdigits.export import export_onnx
    from inkdigits.inference.weights import FOLDER
    from inkdigits.reading.reader import Reader
    from inkdigits.storage import write_file
    from inkdigits.training.adapt import adapt as adapt_to
    from inkdigits.training.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(model or FOLDER / "digits.safetensors", device="cpu")
    reader = Reader(checkpoint.classifier)  # refuses a model of pairs
    pictures = labelled_pictures(folder, checkpoint.class_names)
    images = np.stack([reader.largest_mark(path) for path, _ in pictures])
    labels = np.array([label for _, label in pictures], np.int64)
    write_file(out.with_suffix(".onnx.part"), b"")  # before minutes of work: can it be written there?
    out.with_suffix(".onnx.part").unlink()
    say(f"learning {len(pictures)} picture{'s' * (len(pictures) > 1)} of {len(set(labels.tolist()))} digits")
    adapted, found = adapt_to(checkpoint, images, labels)
    proof = export_onnx(adapted, out)
    if json:
        print_json({"path": str(out)} | asdict(found) | asdict(proof))
        return
    print(f"your pictures: {found.right_before} of {found.pictures} read before")
    if found.right_held_out is not None:
        print(f"your pictures: {found.right_held_out} of {found.pictures} read after learning from the other half")
    print(f"everybody's validation images: {percent(found.validation_before)} before, "
          f"{percent(found.validation_after)} after")  # fmt: skip
    if found.rejected_before is not None and found.rejected_after is not None:
        print(f"images of no digit that are rejected: {percent(found.rejected_before)} before, "
              f"{percent(found.rejected_after)} after")  # fmt: skip
    print(f"{out}: read with it by inkdigits read PICTURE --model {out}")
