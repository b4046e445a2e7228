"""`inkdigits learn`: the lessons, and the exercises that mark themselves."""

import shlex
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import typer

from inkdigits.cli.console import print_json, print_table, say
from inkdigits.cli.guard import guarded
from inkdigits.course.lessons import LESSONS, copy_lesson, exercise_file, find_lesson
from inkdigits.course.record import load_record, update_record
from inkdigits.errors import ConfigError, StorageError, require

NOT_SOLVED = 1  # the exit code of `check` when something is to be mended

learn = typer.Typer()


def record_file() -> Path:
    """Return the file of the user's solved exercises and score."""
    return Path(typer.get_app_dir("inkdigits")) / "course.json"


@learn.callback(invoke_without_command=True)
def lessons(
    context: typer.Context,
    json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Learn it: fifteen lessons as notebooks, each with an exercise that marks itself; alone, the list of them."""
    guarded(_list)(context.invoked_subcommand, json)


def _list(command: str | None, json: bool) -> None:
    if command is not None:
        if json:
            raise ConfigError(f"--json goes behind the command: inkdigits learn {command} ... --json")
        return
    names = {lesson.name for lesson in LESSONS}
    solved = [name for name in load_record(record_file()).solved if name in names]
    if json:
        rows = [asdict(lesson) | {"number": lesson.number, "solved": lesson.name in solved} for lesson in LESSONS]
        print_json({"lessons": rows})
        return
    print_table(
        ("", "lesson", "title", "solved"),
        [(each.number, each.name, each.title, "yes" if each.name in solved else "") for each in LESSONS],
        left=4,
    )
    ahead = [lesson.name for lesson in LESSONS if lesson.name not in solved]
    say(f"{len(solved)} of {len(LESSONS)} solved; next: inkdigits learn open {ahead[0] if ahead else LESSONS[0].name}")


@learn.command("open")
@guarded
def open_lesson(
    lesson: str = typer.Argument(help="Its name or number."),
    out: Path = typer.Option(Path(), help="The folder to put it into."),
    json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Put a lesson's notebook, the start of its exercise and its pictures into a folder; your files are kept."""
    found = find_lesson(lesson)
    files = copy_lesson(found, out)
    if json:
        print_json({"lesson": found.name, "files": [{"path": str(path), "new": new} for path, new in files.items()]})
        return
    for path, new in files.items():
        print(f"{path}{'' if new else '  (was there already, kept)'}")
    notebook, exercise = out / f"{found.stem}.ipynb", out / f"{found.name}_exercise.py"
    if find_spec("notebook") is None and find_spec("jupyterlab") is None:
        say("to run it: pip install notebook, or open it in an editor that knows notebooks")
    else:
        say(f"to run it: {shlex.join(('jupyter', 'notebook', str(notebook)))}")
    check = shlex.join(("inkdigits", "learn", "check", found.name, str(exercise)))
    say(f"exercise: {found.exercise}; check it: {check}")


@learn.command("check")
@guarded
def check_answer(
    lesson: str = typer.Argument(help="Its name or number."),
    answer: Path = typer.Argument(help="Your Python file."),
    json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """Mark an answer: what is right, and a hint where it is not; exit code 1 until it is solved."""
    from inkdigits.course.marking import mark_answer

    found = find_lesson(lesson)
    require("torch", extra="train", purpose="marking an answer")
    mark = mark_answer(found, answer)
    if json:
        print_json({"lesson": found.name, "solved": mark.solved} | asdict(mark))
    else:
        if mark.printed:
            say("your answer printed:\n" + "\n".join(f"  | {line}" for line in mark.printed))
        for sentence in mark.passed:
            print(f"  right: {sentence}")
        print(f"solved: {found.exercise}" if mark.solved else f"  to mend: {mark.hint}")
    if not mark.solved:
        raise typer.Exit(NOT_SOLVED)
    try:
        update_record(record_file(), lambda record: record.with_solved(found.name))
    except StorageError as error:  # in a container, perhaps: the answer is right all the same
        say(f"solved, but `inkdigits learn` will not know it: {error.strerror}")


@learn.command("solution")
@guarded
def show_solution(lesson: str = typer.Argument(help="Its name or number.")) -> None:
    """Print a solution of a lesson's exercise. Try it yourself first: there is no other way to learn it."""
    print(exercise_file(find_lesson(lesson), "solution.py").read_text(encoding="utf-8"), end="")
