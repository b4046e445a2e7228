"""Build the documentation site, `make site`: every warning is an error, every local link must lead somewhere.

The pages are gathered in build/site-source as they lie in the project, so that one link works on a code host and here.
"""

import shutil
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.cmd.build import build_main

ROOT = Path(__file__).parents[1]
SOURCE, DOCTREES, SITE = (ROOT / "build" / name for name in ("site-source", "site-doctrees", "site"))
PAGES = (
    "*.md",
    "docs/**/*.md",
    "docs/*.png",
    "docs/*.svg",
    "docs/site/style.css",
    "lessons/*.md",
    "lessons/*.ipynb",
    "lessons/pictures/*",
)


def main() -> int:
    """Build the site and check it; return how many problems there are."""
    for folder in (SOURCE, DOCTREES, SITE):  # a page that is gone must not be found
        shutil.rmtree(folder, ignore_errors=True)
    for pattern in PAGES:
        for page in ROOT.glob(pattern):
            target = SOURCE / page.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page, target)
    (SOURCE / "docs/site/index.md").rename(SOURCE / "index.md")
    failed = build_main(
        ["-q", "-W", "--keep-going", "-c", str(ROOT / "docs/site"), "-d", str(DOCTREES), str(SOURCE), str(SITE)]
    )
    problems = list(broken_links())
    for problem in problems:
        print(problem)
    if not failed and not problems:
        print(f"{SITE.relative_to(ROOT)}/index.html: {len(list(SITE.rglob('*.html')))} pages")
    return failed + len(problems)


class Links(HTMLParser):
    """The places that a page points to, and those in it that can be pointed to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.targets, self.anchors = list[str](), set[str]()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element's link and name."""
        for name, value in attrs:
            if value and name in ("href", "src") and tag != "base":
                self.targets.append(value)
            if value and name == "id":
                self.anchors.add(value)


def broken_links() -> Iterator[str]:
    """Yield every link of the built site that leads to no file, or to no place in a page."""
    pages = {page: Links(page) for page in sorted(SITE.rglob("*.html"))}
    for page, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not file.exists():
                yield f"{page.relative_to(SITE)} links to {target}, which does not exist"
            elif parts.fragment and file in pages and unquote(parts.fragment) not in pages[file].anchors:
                yield f"{page.relative_to(SITE)} links to {target}: the page has no such place"


if __name__ == "__main__":
    sys.exit(main())
