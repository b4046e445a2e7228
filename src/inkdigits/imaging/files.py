"""Any picture to one plane of gray, with nothing lost on the way: rotation, transparency, 16 bits, palettes."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops, ImageStat, UnidentifiedImageError

from inkdigits.errors import InputError
from inkdigits.types import Gray

SUFFIXES = {
    "PNG": (".png", ".apng"),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".pgm", ".ppm", ".pbm", ".pnm"),
}  # of the formats that are accepted: what counts as a picture in a folder
FORMATS = tuple(SUFFIXES)
MAX_BYTES = 64 * 2**20
MAX_PAGES = 100  # of a TIFF that are counted
MAX_PIXELS = 64_000_000  # a 50-megapixel phone photo passes; a bomb is refused from its header
DEEP_SCALES = (255.0, 1_023.0, 4_095.0, 16_383.0, 65_535.0)  # 8, 10, 12, 14 and 16 bits
COLOURED = 8  # of 255, between the largest and the smallest channel of a pixel: less is gray
FLOAT_SCALES = (1.0, 255.0, 65_535.0)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # EXIF orientation -> what makes it upright
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
        rgb: uint8 (height, width, 3), the same in colour; None where there is none.
    """

    name: str
    gray: Gray
    scale: float = 1.0
    notes: tuple[str, ...] = ()
    rgb: NDArray[np.uint8] | None = None


def load_picture(source: Source, *, name: str | None = None) -> Picture:
    """Load a picture from a path, from bytes, from PIL or from an array.

    Args:
        source: a path; the bytes of an image file; a PIL image; or an array (H, W), (H, W, 3) RGB or
            (H, W, 4) RGBA of uint8, uint16, bool, or float in [0, 1] or [0, 255].
        name: what messages call it; by default the path.

    Raises:
        InputError: it is missing, empty, not an image, damaged or too large.
    """
    name = name or _name_of(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata; what matters raises
            if isinstance(source, np.ndarray):
                return _from_image(_image_of(source), name)
            if isinstance(source, Image.Image):
                return _from_image(source, name)
            if isinstance(source, bytes):
                return _from_bytes(source, name)
            if isinstance(source, str | Path):
                return _from_bytes(_read(Path(source)), name)
    except InputError as error:
        if str(error).startswith(f"{name}: "):
            raise
        raise InputError(f"{name}: {error}") from error
    except UnidentifiedImageError:
        accepted = ", ".join(FORMATS).replace("PPM", "PGM/PPM")
        raise InputError(f"{name}: not an image that can be read; accepted: {accepted}") from None
    except Image.DecompressionBombError as error:
        raise InputError(f"{name}: too many pixels: {error}") from error
    except Exception as error:  # Pillow's decoders answer damage with nearly any class, struct.error among them
        told = (str(error.args[0]) if error.args else "").splitlines() or [repr(error)]  # a KeyError's text is quoted
        raise InputError(f"{name}: the image is damaged: {told[0]}") from error
    raise InputError(f"a picture is a path, bytes, a PIL image or an array, got {type(source).__name__}")


def _name_of(source: Source) -> str:
    return str(source) if isinstance(source, str | Path) else "array" if isinstance(source, np.ndarray) else "picture"


def _read(path: Path) -> bytes:
    if str(path).startswith(("http:/", "https:/")):
        raise InputError(f"{path}: addresses are not fetched; download the picture and read the file")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be opened: {error.strerror}") from error
    except ValueError as error:  # a NUL byte in the name
        raise InputError(f"{str(path)!r}: cannot be opened: {error}") from error


def _from_bytes(content: bytes, name: str) -> Picture:
    if not content:
        raise InputError(f"{name}: the file is empty")
    if len(content) > MAX_BYTES:
        raise InputError(f"{name}: larger than {MAX_BYTES // 2**20} MB; send a smaller picture")
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        width, height = image.size
        _check_size(width, height, name)
        if image.format in ("JPEG", "MPO"):  # MPO: a JPEG with a second one behind it, as many phones write
            shrink = max(1, min(width, height) // WORK_SIDE)
            image.draft(None, (width // shrink, height // shrink))
        return _from_image(image, name, scale=width / image.size[0])


def _from_image(image: Image.Image, name: str, *, scale: float = 1.0) -> Picture:
    _check_size(*image.size, name)
    frames = _pages(image) if image.format == "TIFF" else getattr(image, "n_frames", 1)
    count = f"more than {MAX_PAGES}" if image.format == "TIFF" and frames > MAX_PAGES else frames
    notes = (f"only the first of {count} frames was read",) if frames > 1 else ()
    image = _upright(image)
    return Picture(name, _gray(image), scale, notes, _colour(image))


def _pages(image: Image.Image) -> int:
    """Count the pages of a TIFF a little way: Pillow's count takes quadratic time and stumbles over a damaged page."""
    if not getattr(image, "is_animated", False):
        return 1
    current, count = image.tell(), 1
    try:
        while count <= MAX_PAGES:
            image.seek(count)
            count += 1
    except Exception:  # the last page, or one so damaged that any class is raised; neither is the one to be read
        pass
    image.seek(current)
    return count


def _check_size(width: int, height: int, name: str) -> None:
    if not width * height:
        raise InputError(f"{name}: {width} x {height} pixels hold no picture")
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{name}: {width} x {height} pixels are more than {MAX_PIXELS // 1_000_000} million; send a smaller picture"
        )


def _upright(image: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF says; damaged EXIF says nothing."""
    image.load()  # Pillow turns TIFFs itself while loading, and takes the orientation out
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # the EXIF parser answers damage with nearly any class; the pixels are not to be lost for that
        orientation = None
    turn = TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _gray(image: Image.Image) -> Gray:
    """Reduce any mode to 8 bits of gray, by its meaning."""
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled(np.asarray(image))
    if image.has_transparency_data:
        image = image.convert("LA") if image.mode == "La" else image  # Pillow turns La into nothing else
        return _composite(image.convert("RGBA"))
    if image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")  # palettes, CMYK, YCbCr, LAB, HSV
    return np.asarray(image.convert("L"))


def _colour(image: Image.Image) -> NDArray[np.uint8] | None:
    if image.mode != "RGB" or image.has_transparency_data:
        return None
    rgb = np.asarray(image)
    few = rgb[:: max(1, rgb.shape[0] // 400), :: max(1, rgb.shape[1] // 400)]
    return rgb if int((few.max(axis=2) - few.min(axis=2)).max()) > COLOURED else None


def _composite(image: Image.Image) -> Gray:
    """Lay a transparent picture on the side that its ink stands out from: dark ink on white, light ink on black.

    Dropping the transparency instead turns black ink on a transparent ground, stored as black everywhere, all black.
    """
    gray, alpha = image.convert("RGB").convert("L"), image.getchannel("A")
    # Sums over 8 bits a pixel: a large picture in double precision would take gigabytes.
    visible, light = (ImageStat.Stat(layer).sum[0] for layer in (alpha, ImageChops.multiply(gray, alpha)))
    ground = Image.new("L", image.size, 0 if light >= visible * 128 / 255 and visible else 255)
    ground.paste(gray, mask=alpha)
    return np.asarray(ground)


def _scaled(values: NDArray[Any]) -> Gray:
    """Scale numbers of more than 8 bits, or floats, to 0 to 255 in a straight line.

    White is the smallest usual full scale that holds every number: 8, 10, 12, 14 or 16 bits, or 1 for floats. Floats
    may swing past it by a tenth, as resizing leaves them at edges; that much is clipped.
    """
    is_float = np.issubdtype(values.dtype, np.floating)
    values = values.astype(np.float64)
    top, low = float(values.max(initial=0)), min(0.0, float(values.min(initial=0)))
    if not np.isfinite(top - low) or not np.isfinite(values).all():
        raise InputError("pixels must be finite numbers, got NaN, infinite or too large ones")
    scales = FLOAT_SCALES if is_float else DEEP_SCALES
    full = next((full for full in scales if top <= full * (1.1 if is_float else 1)), top)
    return np.rint((values - low) * (255 / (full - low))).clip(0, 255).astype(np.uint8)


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
