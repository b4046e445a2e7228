"""`inkdigits play`: you against the model, on the digits of which it is least sure."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from inkdigits.cli.console import print_json, say
from inkdigits.cli.learn import record_file

if TYPE_CHECKING:
    from inkdigits.course.game import Challenge
    from inkdigits.course.record import Record


def play(
    model: str = typer.Option("shipped", help="Your opponent: a run's folder, a model file, or `shipped`."),
    rounds: int = typer.Option(10, min=1, help="How many digits."),
    hardest: int = typer.Option(200, min=1, help="Drawn from so many of those that the model finds hardest."),
    seed: int | None = typer.Option(None, min=0, help="Of the drawing.", show_default="another one each time"),
    root: Path | None = typer.Option(None, help="A torchvision folder instead of the data in the package."),
    json: bool = typer.Option(False, "--json", help="One JSON object a round, one a line."),
) -> None:
    """Play against a model on its own hardest digits of the test set; your score is kept."""
    from inkdigits.cli.models import dataset_split, open_model
    from inkdigits.course.game import choose_challenges
    from inkdigits.course.record import Record, update_record

    record = update_record(record_file(), lambda kept: kept)  # before the first answer: it can be written
    opponent = open_model(model)
    dataset = dataset_split(opponent, "test", root)
    seed = int.from_bytes(os.urandom(4)) if seed is None else seed
    challenges = choose_challenges(opponent.classifier, dataset, rounds=rounds, hardest=hardest, seed=seed)
    say(f"{len(challenges)} digits, of those that {model} finds hardest. Answer, Enter to pass, q to stop.")
    game = Record()
    for number, challenge in enumerate(challenges, 1):
        say(f"\n{_drawn(challenge)}")
        answer = _ask(f"digit {number} of {len(challenges)}: ", dataset.class_names)
        if answer is None:
            break
        human, machine = answer == challenge.label, challenge.guess == challenge.label
        game = game.with_round(human=human, model=machine)
        record = update_record(record_file(), partial(Record.with_round, human=human, model=machine))
        if json:
            print_json(challenge.to_dict() | {"round": number, "answer": answer or None})
        else:
            print(_told(challenge, answer))
    if json:
        print_json({"game": _score(game), "all": _score(record)})
    else:
        print(f"\nyou {game.human}, {model} {game.model}, of {game.rounds}. {_verdict(game)}")
        print(f"all games: you {record.human}, models {record.model}, of {record.rounds}")


def _ask(question: str, class_names: tuple[str, ...]) -> str | None:
    """Return one of the classes, "" for none, None to stop."""
    while True:
        print(question, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline() if sys.stdin is not None else ""
        answer = line.strip()
        if not line or answer.lower() in ("q", "quit"):
            return None
        if answer == "" or answer in class_names:
            return answer
        say(f"{answer!r} is none of {', '.join(class_names)}")


def _drawn(challenge: "Challenge") -> str:
    from inkdigits.imaging.terminal import blocks, letters, without_margin

    colours = (
        sys.stderr is not None
        and sys.stderr.isatty()
        and "NO_COLOR" not in os.environ
        and os.environ.get("TERM") != "dumb"
    )
    return blocks(challenge.image) if colours else letters(without_margin(challenge.image))


def _told(challenge: "Challenge", answer: str) -> str:
    you = "you passed" if not answer else f"you said {answer}"
    sure = f"the model says {challenge.guess} ({100 * challenge.probability:.0f} %)"
    return f"it is labelled {challenge.label}; {you}, {sure}"


def _score(record: "Record") -> dict[str, int]:
    return {"rounds": record.rounds, "human": record.human, "model": record.model}


def _verdict(game: "Record") -> str:
    if game.human == game.model:
        return "A draw."
    return "You win." if game.human > game.model else "The model wins."
