"""The sections of docs/benchmarks.md about reading pictures."""

from typing import Any

from inkdigits.evaluation.metrics import wilson_interval


def reading_accuracy(result: dict[str, Any]) -> list[str]:
    """Return the lines of the section."""
    lines = [
        "## Reading other people's pictures",
        "",
        "Photos, scans and drawings by people who have nothing to do with this project, from public places; no",
        "model of ours was trained on them. They were looked at while the reader was made, so they are development",
        "sets: expect less of pictures unlike them. A picture counts when its whole text is right; the mean over the",
        "sources is given, since pictures of one source are alike.",
        "",
        "| pictures | sources | mean over sources | right | 95 % interval | ms a picture |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in result["sets"].items():
        groups = found["groups"]
        right, total = (sum(column) for column in zip(*groups.values(), strict=True))
        mean = sum(good / every for good, every in groups.values()) / len(groups)
        title = "`nondigits`, rejected" if name == "nondigits" else f"`{name}`"
        lines.append(table_row(title, str(len(groups)), f"{mean:.1%}", *share(right, total)[::2], f"{found['ms']:.1f}"))
    lines += [
        "",
        "What is no digit, by kind: how many are rejected, and the area under the ROC curve of `is_digit` against the",
        "single digits of the sets above.",
        "",
        "| kind | rejected | AUROC |",
        "|---|---|---|",
    ]
    areas = result["sets"]["nondigits"]["auroc"]
    for kind, (right, total) in result["sets"]["nondigits"]["groups"].items():
        lines.append(table_row(kind.replace("_", " "), f"{right}/{total}", f"{areas[kind]:.3f}"))
    return lines


def reading_disguises(result: dict[str, Any]) -> list[str]:
    """Return the lines of the section."""
    lines = [
        "## The same digits in disguise, and numbers made of them",
        "",
        "Test digits of MNIST, drawn dark on light, then disguised: the share that is read as before. Numbers of 2",
        "to 8 test digits: the share that is read exactly.",
        "",
        "| disguise | as before | share | 95 % interval |",
        "|---|---|---|---|",
    ]
    for name, (right, total) in result["counts"].items():
        lines.append(table_row(name, *share(right, total)))
    return lines


def reading_peers(result: dict[str, Any]) -> list[str]:
    """Return the lines of the section."""
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    names = list(next(iter(result["counts"].values())))
    lines = [
        "## What one would pick instead, on the same pictures",
        "",
        f"At most {result['most']} pictures a set, at random; whole text right, spaces aside. Milliseconds a picture:",
        "Tesseract starts anew for each, rapidocr once a set, the two others are loaded before.",
        f"{versions}.",
        "",
        table_row("pictures", "n", *(f"{name} | ms" for name in names)),
        table_row("---", "---", *("---|---" for _ in names)),
    ]
    for name, found in result["counts"].items():
        cells = (f"{right / total:.1%} | {ms:.0f}" for right, total, ms in found.values())
        lines.append(table_row(f"`{name}`", str(next(iter(found.values()))[1]), *cells))
    return lines


def table_row(*cells: str) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |"


def share(right: int, total: int) -> tuple[str, str, str]:
    """Return a count, its share, and the share's 95 % interval."""
    low, high = wilson_interval(right, total)
    return f"{right}/{total}", f"{right / total:.1%}", f"{low:.1%} to {high:.1%}"
