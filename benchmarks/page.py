"""docs/benchmarks.md: every result in benchmarks/results as a table."""

from typing import Any

from benchmarks import records
from benchmarks.page_reading import reading_accuracy, reading_disguises, reading_peers, table_row
from inkdigits.evaluation.metrics import wilson_interval
from inkdigits.recipes.catalog import RECIPES, recipe_config

TUTORIALS = ("lenet5", "cnn", "mlp", "softmax", "cnn-long", "linear-stack", "cnn-dropout")  # R1 to R7
TEST_IMAGES = 10_000
TIME_COLUMNS = "recipe,test accuracy,n,lowest,highest,loop s,times `quick`,process s,tutorial / ours,GFLOP/s,weights"
PUBLISHED_SECONDS = {"cnn": 253}  # the one recipe whose source tells its time


def benchmarks_page() -> str:
    """Return the page."""
    origin = (
        "Written by `make docs` from `benchmarks/results`. `make bench` measures again what needs neither other\n"
        "people's pictures nor other programs; of the time to accuracy, `quick` and `careful`, and of few parameters\n"
        "only runs that are missing."
    )
    picture = "![Test accuracy over the seconds of training and over the parameters, a point a recipe](accuracy.svg)"
    parts = ["# Benchmarks", "", origin, "", picture, ""]
    sections = {
        "reading_accuracy": reading_accuracy,
        "reading_disguises": reading_disguises,
        "reading_peers": reading_peers,
        "time_to_accuracy": _time_to_accuracy,
        "ladder": _ladder,
        "recipes": _recipes,
        "loop_speed": _loop_speed,
        "inference": _inference,
        "startup": _startup,
    }
    for name, section in sections.items():
        result = records.read(name)
        if result:
            parts += [*section(result), "", f"Measured on {_machine(result['machine'])}.", ""]
    return "\n".join(parts)


def _recipes(result: dict[str, Any]) -> list[str]:
    lines = [
        "## Recipes: published and ours",
        "",
        "Mean test accuracy with its 95 % interval (Student's t) over the seeds; the epoch was chosen on validation",
        "images, and the test set was read once a run. Seconds are one processor's, training and validation, on",
        "one thread. The published figures of R1, R2, R3 and R5 come from test sets looked at in every epoch.",
        "",
        "| recipe | row | published | ours | n | parameters | published s | ours, processor s | ratio |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in result["recipes"].items():
        seconds = sum(run["processor_seconds"] for run in row["runs"]) / len(row["runs"])
        published, theirs = RECIPES[name].published, PUBLISHED_SECONDS.get(name)
        cells = (
            f"`{name}`",
            f"R{TUTORIALS.index(name) + 1}" if name in TUTORIALS else "–",
            f"{published:.2%}" if published else "–",
            f"{row['mean_accuracy']:.2%} ± {row['half_interval_95']:.2%}",
            str(len(row["runs"])),
            f"{row['runs'][0]['parameters']:,}",
            str(theirs or "–"),
            f"{seconds:.0f}",
            f"{theirs / seconds:.1f}" if theirs else "–",
        )
        lines.append(table_row(*cells))
    return lines


def _time_to_accuracy(result: dict[str, Any]) -> list[str]:
    reached = [run for run in result["tutorial"] if run["accuracy"] >= result["published"]]
    tutorial = sorted(run["train_seconds"] for run in reached)
    lines = [
        "## Time to accuracy",
        "",
        "Our own recipes: mean test accuracy with its 95 % interval (Student's t) over the seeds, the median time of",
        "the training loop (data in memory, measuring left out) and of the whole process, from start to the written",
        "run. The settings were chosen on validation images, and the test set was read once a run; but how many",
        "images `quick` sees was set between 24,000 and 27,000 after measurements with both, for time, and three",
        "recipes had been measured before in another form: `thorough` with 14 and 18 epochs of all images,",
        "`params-60000` with one look at each image, now both look four times, and `accurate` as another network, of",
        "one column, which read 99.734% ([log](log.md)). In brackets the quickest and the slowest run;",
        "`params-60000` had a slow hour. `quick` and the",
        "tutorial's loop took turns; `times quick` is against other runs of `quick`, in turns with the recipe.",
        *_in_float32(result["rows"]),
        "`careful` took 7.3 to 8.8 times as long in three other measurements ([log](log.md)).",
        "The tutorial's loop",
        f"(R2, batches of 10) took {records.median(tutorial):.0f} s until it first showed the "
        f"{result['published']:.2%} that its source reports, measuring left out too",
        f"({tutorial[0]:.0f} to {tutorial[-1]:.0f} s, n = {len(tutorial)}).",
        "GFLOP/s count the arithmetic of convolutions and linear layers, forward and, where they are trained,",
        "backward, most of it in bfloat16; torch's SGEMM did "
        f"{result['sgemm_gflops']:.0f} in float32, 1024 x 1024, when the latest of these runs was made.",
        "A single run has the interval of its images instead (Wilson).",
        "",
        table_row(*TIME_COLUMNS.split(",")),
        table_row(*("---" for _ in TIME_COLUMNS.split(","))),
    ]
    for name, row in result["rows"].items():
        accuracies = [run["accuracy"] for run in row["runs"]]
        cells = (
            f"`{name}`",
            _accuracy(row),
            str(len(accuracies)),
            f"{min(accuracies):.2%}",
            f"{max(accuracies):.2%}",
            _seconds(row["runs"]),
            f"{row['loop_seconds'] / row['quick_seconds']:.1f}" if row["quick_seconds"] else "–",
            f"{row['process_seconds']:.1f}" if row["process_seconds"] else "–",
            f"{row['times_as_fast']:.1f}" if row["times_as_fast"] >= 1 else "–",
            f"{row['gflops']:.0f}",
            f"{row['parameters']:,}",
        )
        lines.append(table_row(*cells))
    return lines


def _in_float32(rows: dict[str, Any]) -> list[str]:
    slower = [f"`{name}`" for name, row in rows.items() if not row.get("bfloat16", True)]
    if not slower:
        return []
    return [f"{' and '.join(slower)} met a processor without bfloat16; where it says `one thread`, several at once."]


def _seconds(runs: list[dict[str, Any]]) -> str:
    timed = records.timed(runs)
    seconds = [run["loop_seconds"] for run in timed]
    told = f"{records.median(seconds):.1f}"
    if len(seconds) > 1:
        told += f" ({min(seconds):.1f} to {max(seconds):.1f})"
    return told + (", one thread" if timed[0].get("threads") == 1 else "")


def _accuracy(row: dict[str, Any]) -> str:
    if row["half_interval_95"] is not None:
        return f"{row['accuracy']:.3%} ± {row['half_interval_95']:.3%}"
    low, high = wilson_interval(round(row["accuracy"] * TEST_IMAGES), TEST_IMAGES)
    return f"{row['accuracy']:.2%} ({low:.2%} to {high:.2%})"


def _ladder(result: dict[str, Any]) -> list[str]:
    devices = sorted({run["device"] for run in result["runs"]})
    about_teachers = [
        "Where a teacher is named, the probabilities of a run of that network, of the same seed and so of the same",
        "split, were learnt instead of the labels: `python -m benchmarks.ladder --teachers RUN ...`.",
    ]
    lines = [
        "## How few parameters for which accuracy",
        "",
        "Mean test accuracy of the last epoch with its 95 % interval (Student's t) over the seeds; the settings were",
        "chosen on validation images. Every number that is trained counts, batch norm's too. With four views the",
        "answer is the mean over the image, or over the digit once it is set upright, moved by half a pixel each way.",
        "The test set was read once a run. But the other three recipes with four views had been measured with one look",
        "before, the same weights, and `params-700` with another network and less training ([log](log.md)).",
        *(about_teachers if any(run["taught_by"] for run in result["runs"]) else []),
        f"Trained on: {'; '.join(devices)}.",
        "",
        "| recipe | network | parameters | test accuracy | n | lowest | highest | epochs | views |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, teacher in dict.fromkeys((run["recipe"], run["taught_by"]) for run in result["runs"]):
        config = recipe_config(name)
        runs = [run for run in result["runs"] if (run["recipe"], run["taught_by"]) == (name, teacher)]
        accuracies = [run["accuracy"] for run in runs]
        mean, _, half = records.mean_interval(accuracies)
        cells = (
            f"`{name}`" + (f", taught by `{teacher}`" if teacher else ""),
            f"`{config.model}`",
            f"{runs[0]['parameters']:,}",
            f"{mean:.2%} ± {half:.2%}",
            str(len(runs)),
            f"{min(accuracies):.2%}",
            f"{max(accuracies):.2%}",
            str(config.epochs) + (f" of {config.images_per_epoch:,}" if config.images_per_epoch else ""),
            str(config.views),
        )
        lines.append(table_row(*cells))
    return lines


def _loop_speed(result: dict[str, Any]) -> list[str]:
    lines = [
        "## Our loop against the tutorial's: R2, same network, images, batch size and epochs, same run",
        "",
        f"{result['epochs']} epochs each, in turns, each in a process of its own: the median ratio, all ratios, and",
        "the mean seconds and test accuracy of both.",
        "",
        "| batch size | times as fast | all ratios | tutorial s | ours s | tutorial accuracy | our accuracy |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in result["rows"]:
        tutorial, ours = (
            {key: sum(run[key] for run in row[loop]) / len(row[loop]) for key in ("seconds", "accuracy")}
            for loop in ("tutorial", "inkdigits")
        )
        cells = (
            str(row["batch_size"]),
            f"**{row['ratio']:.2f}**",
            ", ".join(f"{ratio:.2f}" for ratio in row["ratios"]),
            f"{tutorial['seconds']:.1f}",
            f"{ours['seconds']:.1f}",
            f"{tutorial['accuracy']:.2%}",
            f"{ours['accuracy']:.2%}",
        )
        lines.append(table_row(*cells))
    return lines


def _inference(result: dict[str, Any]) -> list[str]:
    often = [f"`{name}`" for name, views in result["views"].items() if views > 1]
    lines = [
        "## Prediction: images a second",
        "",
        "All test images of MNIST in batches of 1 (the first 1,000 of them), 64 and 1,000: the model exported and run",
        "by ONNX Runtime, the network in torch, and the tutorials' loop over a `DataLoader`. Medians; the ways took",
        f"turns. Recipes with four views look at each image four times: {', '.join(often)}.",
        f"R2's network is that of the recipe `light` too, which reads {RECIPES['light'].measured:.2%} of them.",
        *(
            f"`{name}` was measured in another run, by a processor without AVX-512, where `quick` took\n"
            f"{at['quick']:,.0f} images a second by ONNX Runtime in batches of 1,000."
            for name, at in result.get("elsewhere", {}).items()
        ),
        "",
        "| network | way | batches of 1 | one image, ms | batches of 64 | batches of 1,000 |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in result["models"].items():
        for way, speeds in found.items():
            one, some, many = (speeds[size]["images_per_second"] for size in ("1", "64", "1000"))
            lines.append(
                table_row(f"`{name}`", way, f"{one:,.0f}", f"{1000 / one:.3f}", f"{some:,.0f}", f"{many:,.0f}")
            )
    return lines


def _startup(result: dict[str, Any]) -> list[str]:
    lines = ["## Whole processes", "", "| command | median s | lowest | highest | n |", "|---|---|---|---|---|"]
    for name, found in result["seconds"].items():
        lines.append(f"| `{name}` | {records.median(found):.3f} | {found[0]:.3f} | {found[-1]:.3f} | {len(found)} |")
    return lines


def _machine(machine: dict[str, str]) -> str:
    versions = ", ".join(f"{name} {machine[name]}" for name in ("python", "torch", "onnxruntime", "numpy"))
    return f"{machine['cores']} cores of {machine['processor']}; {versions}"
