"""Any picture to one plane of gray, with nothing lost on the way: rotation, transparency, 16 bits, palettes."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from inkdigits.errors import InputError
from inkdigits.types import Gray

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
MAX_BYTES = 64 * 2**20
MAX_PIXELS = 64_000_000  # a 50-megapixel phone photo passes; a bomb is refused from its header
WORK_SIDE = 1_600  # pixels; larger JPEGs are decoded at a fraction of their size, never below this

Source: TypeAlias = str | Path | bytes | Image.Image | NDArray[Any]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as one plane of gray.

    Attributes:
        name: what messages call it.
        gray: uint8 (height, width), 0 = black, 255 = white, upright.
        scale: pixels of the original for one of `gray`; above 1 where a large photo was decoded smaller.
        notes: what was done that the user may want to know.
    """

    name: str
    gray: Gray
    scale: float = 1.0
    notes: tuple[str, ...] = ()


def load_picture(source: Source, *, name: str | None = None) -> Picture:
    """Load a picture from a path, from bytes, from PIL or from an array.

    Args:
        source: a path; the bytes of an image file; a PIL image; or an array (H, W), (H, W, 3) RGB or
            (H, W, 4) RGBA of uint8, uint16, bool, or float in [0, 1] or [0, 255].
        name: what messages call it; by default the path.

    Raises:
        InputError: it is missing, empty, not an image, damaged or too large.
    """
    if isinstance(source, np.ndarray):
        return _from_image(_image_of(source), name or "array")
    if isinstance(source, Image.Image):
        return _from_image(source, name or "picture")
    if isinstance(source, bytes):
        return _from_bytes(source, name or "picture")
    return _from_bytes(_read(Path(source)), name or str(source))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be opened: {error.strerror}") from error


def _from_bytes(content: bytes, name: str) -> Picture:
    if not content:
        raise InputError(f"{name}: the file is empty")
    if len(content) > MAX_BYTES:
        raise InputError(f"{name}: larger than {MAX_BYTES // 2**20} MB; send a smaller picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata; what matters raises
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                return _from_image(image, name)
    except UnidentifiedImageError:
        accepted = ", ".join(FORMATS).replace("PPM", "PGM/PPM")
        raise InputError(f"{name}: not an image that can be read; accepted: {accepted}") from None
    except InputError:
        raise
    # Pillow's decoders answer damage with any of these, according to where it hits.
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        TypeError,
        IndexError,
        KeyError,
        MemoryError,
        OverflowError,
    ) as e:
        raise InputError(f"{name}: the image is damaged: {e}") from e
    except Image.DecompressionBombError as error:
        raise InputError(f"{name}: too many pixels: {error}") from error


def _from_image(image: Image.Image, name: str) -> Picture:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{name}: {width} x {height} pixels are more than {MAX_PIXELS // 1_000_000} million; send a smaller picture"
        )
    notes = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append(f"only the first of {image.n_frames} frames was read")  # type: ignore[attr-defined]
    if image.format == "JPEG":
        shrink = max(1, min(width, height) // WORK_SIDE)
        image.draft("L" if image.mode in ("L", "YCbCr", "RGB") else None, (width // shrink, height // shrink))
    scale = width / image.size[0]
    image = ImageOps.exif_transpose(image)
    return Picture(name, _gray(image), scale, tuple(notes))


def _gray(image: Image.Image) -> Gray:
    """Reduce any mode to 8 bits of gray, by its meaning."""
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled(np.asarray(image))
    if image.has_transparency_data:
        return _composite(image.convert("RGBA"))
    if image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")  # palettes, CMYK, YCbCr, LAB, HSV
    return np.asarray(image.convert("L"))


def _composite(image: Image.Image) -> Gray:
    """Lay a transparent picture on the side that its ink stands out from: dark ink on white, light ink on black.

    Dropping the transparency instead turns black ink on a transparent ground, stored as black everywhere, all black.
    """
    rgba = np.asarray(image)
    alpha = rgba[..., 3].astype(np.float64) / 255
    gray = np.asarray(image.convert("RGB").convert("L")).astype(np.float64)
    visible = alpha.sum()
    ground = 255.0 if not visible or (gray * alpha).sum() / visible < 128 else 0.0
    return np.rint(gray * alpha + ground * (1 - alpha)).astype(np.uint8)


def _scaled(values: NDArray[Any]) -> Gray:
    """Scale numbers of more than 8 bits, or floats, to 0 to 255 in a straight line; nothing is clipped."""
    values = np.nan_to_num(values.astype(np.float64))
    top = float(values.max(initial=0))
    low = min(0.0, float(values.min(initial=0)))
    if np.issubdtype(values.dtype, np.floating) and 0 < top <= 1:
        full = 1.0
    else:
        full = next((full for full in (255.0, 65_535.0) if top <= full), top)
    return np.rint((values - low) * (255 / (full - low))).astype(np.uint8)


def _image_of(array: NDArray[Any]) -> Image.Image:
    shape, dtype = array.shape, array.dtype
    if array.ndim == 3 and shape[2] == 1:
        array = array[..., 0]
    right_shape = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    right_dtype = dtype in (np.uint8, np.uint16, np.bool_, np.float32, np.float64)
    if not right_shape or not right_dtype or array.size == 0:
        raise InputError(
            "an array must be (H, W), (H, W, 3) RGB or (H, W, 4) RGBA of uint8, uint16, bool or float, "
            f"got {dtype} {shape}"
        )
    if dtype != np.uint8:
        array = array.astype(np.uint8) * 255 if dtype == np.bool_ else _scaled(array)
    return Image.fromarray(np.ascontiguousarray(array))
