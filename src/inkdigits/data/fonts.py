"""The free fonts that synthetic images draw letters and some digits with."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inkdigits.errors import ConfigError

FONT_FOLDER = Path("/usr/share/fonts")
FONT_PACKAGES = (
    "fonts-breip fonts-bwht fonts-comic-neue fonts-dancingscript fonts-dejavu fonts-dkg-handwriting fonts-havana "
    "fonts-humor-sans fonts-kaushanscript fonts-kiloji fonts-klee fonts-kristi fonts-rufscript fonts-seto"
)  # of Debian
HANDWRITING = (
    "breipfont.ttf", "BecauseWeBuild-Regular.otf", "BecauseWeConnect-Regular.otf", "BecauseWeCreate-Regular.otf",
    "BecauseWeLearn-Regular.otf", "BecauseWeMentor-Regular.otf", "BecauseWeOrganize-Regular.otf",
    "ComicNeue-Light.otf", "ComicNeue-Regular.otf", "ComicNeue-Italic.otf", "DancingScript-Regular.otf", "dkg.ttf",
    "dkgIt.ttf", "Havana-Regular.otf", "Humor-Sans.ttf", "KaushanScript-Regular.otf", "kiloji.ttf", "kiloji_d.ttf",
    "KleeOne-Regular.ttf", "Kristi.ttf", "Rufscript010.ttf", "setofont.ttf",
)  # fmt: skip
MANY_SCRIPTS = ("DejaVuSans.ttf",)


@dataclass(frozen=True)
class Fonts:
    """Files of fonts.

    Attributes:
        handwriting: with digits and Latin letters.
        many_scripts: with letters of other scripts.
    """

    handwriting: tuple[Path, ...]
    many_scripts: tuple[Path, ...]


def debian_fonts() -> Fonts:
    """Return the fonts of the Debian packages named above.

    Raises:
        ConfigError: one is missing; the text has the packages that hold them.
    """
    return Fonts(tuple(_font(name) for name in HANDWRITING), tuple(_font(name) for name in MANY_SCRIPTS))


def _font(name: str) -> Path:
    found = _installed_fonts().get(name)
    if found is None:
        raise ConfigError(f"the font {name} is missing: on Debian, apt-get install {FONT_PACKAGES}")
    return found


@cache
def _installed_fonts() -> dict[str, Path]:
    return {path.name: path for path in sorted(FONT_FOLDER.rglob("*.[ot]tf"))}
