"""The lessons, as one table, and where their files are."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inkdigits.errors import ConfigError, StorageError, unknown_name
from inkdigits.storage import write_file


@dataclass(frozen=True)
class Lesson:
    """One lesson: a notebook, and an exercise that marks itself.

    Attributes:
        name: what commands call it.
        title: what it is about.
        exercise: what the exercise asks for.
    """

    name: str
    title: str
    exercise: str

    @property
    def number(self) -> int:
        """Its place in the course, from 1."""
        return LESSONS.index(self) + 1

    @property
    def stem(self) -> str:
        """The name of its files, without their suffix."""
        return f"{self.number:02}_{self.name}"


LESSONS: Final = (
    Lesson("tensors", "Tensors", "matrix multiplication from sums and products"),
    Lesson("autograd", "Gradients, by hand and by autograd", "the gradients of a squared error"),
    Lesson("descent", "Gradient descent, from scratch to nn.Module", "a line fitted by gradient descent"),
    Lesson("pictures", "Pictures are tensors", "resize without distortion, and normalise"),
    Lesson("mnist", "MNIST: look, split, batch, shuffle", "a split with the same share of every digit"),
    Lesson("softmax", "Softmax regression", "softmax and cross-entropy"),
    Lesson("nonlinearity", "Why networks need non-linearity", "three linear layers made one"),
    Lesson("convolution", "Convolution and pooling", "a convolution, the size of its output, its parameters"),
    Lesson("networks", "LeNet-5 and the training loop in plain sight", "a training loop that measures honestly"),
    Lesson("overfitting", "Curves, over-fitting, dropout, augmentation", "dropout"),
    Lesson("evaluation", "Honest evaluation", "a confusion matrix and an interval"),
    Lesson("own_picture", "Your own picture", "a picture made as MNIST made its digits"),
    Lesson("calibration", "How sure is it, and is it a digit at all?", "a temperature for the probabilities"),
    Lesson("speed", "From a quarter of an hour to a second", "batches without a data loader"),
    Lesson("export", "Save, load, export, serve", "a checkpoint that survives"),
)


def find_lesson(name: str) -> Lesson:
    """Return a lesson by its name or its number.

    Raises:
        ConfigError: there is none; the text has the nearest names.
    """
    for lesson in LESSONS:
        if name in (lesson.name, lesson.stem, str(lesson.number), f"{lesson.number:02}"):
            return lesson
    raise unknown_name("lesson", name, [lesson.name for lesson in LESSONS])


def lessons_folder() -> Path:
    """Return the folder of the notebooks: in the package, or beside `src/` in the project itself.

    Raises:
        ConfigError: the installation lacks them.
    """
    here = Path(__file__).parent
    for folder in (here / "lessons", here.parents[2] / "lessons"):
        if folder.is_dir():
            return folder
    raise ConfigError(f"the lessons are not where they belong, in {here / 'lessons'}: install inkdigits again")


def exercise_file(lesson: Lesson, name: str) -> Path:
    """Return a file of a lesson's exercise: start.py, solution.py or check.py."""
    return lessons_folder() / "exercises" / lesson.name / name


def copy_lesson(lesson: Lesson, folder: Path) -> dict[Path, bool]:
    """Copy a lesson's notebook, the start of its exercise and the pictures it needs.

    A file that is there already stays as it is: it may hold somebody's work.

    Returns:
        Each file, and whether it is new.

    Raises:
        StorageError: a file cannot be written.
    """
    source = lessons_folder()
    files = {
        folder / f"{lesson.stem}.ipynb": source / f"{lesson.stem}.ipynb",
        folder / f"{lesson.name}_exercise.py": exercise_file(lesson, "start.py"),
    }
    text = (source / f"{lesson.stem}.py").read_text(encoding="utf-8")
    files |= {
        folder / "pictures" / picture.name: picture
        for picture in sorted((source / "pictures").iterdir())
        if f"pictures/{picture.name}" in text
    }
    for target in files:  # before anything is written
        if target.is_dir():
            raise StorageError(f"cannot write {target}: a folder of this name is in the way")
        for above in target.parents:
            if above.exists() and not above.is_dir():
                raise StorageError(f"cannot write {target}: {above} is a file; choose another folder")
    new = {target: not os.path.lexists(target) for target in files}  # a link that leads nowhere is somebody's too
    for target, origin in files.items():
        if new[target]:
            write_file(target, origin.read_bytes())
    return new
