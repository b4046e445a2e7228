"""The lessons keep the promises that their table makes; `make lessons` runs them."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

import inkdigits
from inkdigits.course.lessons import LESSONS, Lesson, copy_lesson, find_lesson, lessons_folder
from inkdigits.errors import ConfigError, StorageError
from tools.lessons import from_source

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "lessons"
ALLOWED = {"inkdigits", "matplotlib", "numpy", "pandas", "PIL", "torch", "onnxruntime"}  # and the standard library

each = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def source(lesson: Lesson) -> str:
    return (FOLDER / f"{lesson.stem}.py").read_text()


@each
def test_the_notebook_is_the_python_file_with_its_outputs(lesson: Lesson) -> None:
    kept = nbformat.read(FOLDER / f"{lesson.stem}.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    written = from_source(FOLDER / f"{lesson.stem}.py")
    assert [cell.source for cell in kept.cells] == [cell.source for cell in written.cells], "run `make notebooks`"
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    outputs = [output for cell in code for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"stream", "display_data", "execute_result"}
    assert any("image/png" in output.get("data", {}) for output in outputs), "a lesson shows something"
    warnings = [output.text for output in outputs if output.get("name") == "stderr"]
    assert all("Clipping input data to the valid range" in text for text in warnings)  # which lesson 4 is about


@each
def test_a_lesson_uses_the_public_names_and_plain_torch_only(lesson: Lesson) -> None:
    for node in ast.walk(ast.parse(source(lesson))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            if node.module == "inkdigits":
                assert {alias.name for alias in node.names} <= set(inkdigits.__all__)
        else:
            continue
        for name in names:
            package = name.split(".")[0]
            assert package in ALLOWED or package in __import__("sys").stdlib_module_names, name
            assert not name.startswith("inkdigits."), f"{name} is not public"


@each
def test_a_lesson_begins_with_its_title_and_ends_with_its_exercise_and_the_next(lesson: Lesson) -> None:
    text = source(lesson)
    assert f"# # {lesson.number} · {lesson.title}\n" in text
    assert f"inkdigits learn check {lesson.name} {lesson.name}_exercise.py" in text.replace("\n# ", " ")
    if lesson is not LESSONS[-1]:
        assert f"]({LESSONS[lesson.number].stem}.ipynb)" in text


@each
def test_a_lesson_shows_a_trap_and_says_what_to_remember(lesson: Lesson) -> None:
    headings = re.findall(r"^# ## (.+)$", source(lesson), re.MULTILINE)
    assert any(heading.startswith("Trap") for heading in headings)
    assert "To remember" in headings


@each
def test_links_and_pictures_of_a_lesson_are_there(lesson: Lesson) -> None:
    text = "".join(re.findall(r"^# .*\n", source(lesson), re.MULTILINE))
    for target in re.findall(r"\]\(([^)#\s]+)\)", text):
        assert "://" in target or (FOLDER / target).exists(), target
    for picture in re.findall(r"pictures/[\w.]+\.\w+", source(lesson)):
        assert (FOLDER / picture).is_file(), picture


def test_every_lesson_has_its_row_in_the_course() -> None:
    page = (FOLDER / "README.md").read_text()
    for lesson in LESSONS:
        assert f"| {lesson.number} | [{lesson.title}]({lesson.stem}.ipynb) |" in page
        assert f"| {lesson.exercise} |" in page


def test_a_lesson_is_found_by_name_or_number() -> None:
    assert {find_lesson(name).name for name in ("softmax", "6", "06", "06_softmax")} == {"softmax"}
    with pytest.raises(ConfigError, match="unknown lesson 'softmx': did you mean softmax"):
        find_lesson("softmx")


def test_opening_a_lesson_brings_its_files_and_keeps_yours(tmp_path: Path) -> None:
    lesson = find_lesson("own_picture")
    files = copy_lesson(lesson, tmp_path)
    assert all(files.values())
    assert {path.name for path in files} >= {"12_own_picture.ipynb", "own_picture_exercise.py", "seven.jpg"}
    assert (tmp_path / "pictures/seven.jpg").read_bytes() == (FOLDER / "pictures/seven.jpg").read_bytes()
    mine = tmp_path / "own_picture_exercise.py"
    mine.write_text("# my work\n")
    assert copy_lesson(lesson, tmp_path)[mine] is False
    assert mine.read_text() == "# my work\n"


def test_a_folder_in_the_way_of_a_lesson_is_told(tmp_path: Path) -> None:
    (tmp_path / "softmax_exercise.py").mkdir()
    with pytest.raises(StorageError, match="a folder of this name is in the way"):
        copy_lesson(find_lesson("softmax"), tmp_path)


def test_the_lessons_are_found_in_the_project() -> None:
    assert lessons_folder() == FOLDER


@pytest.mark.parametrize("picture", ["seven.jpg", "number.jpg"])
def test_the_pictures_of_the_lessons_are_those_of_the_examples(picture: str) -> None:
    assert (FOLDER / "pictures" / picture).read_bytes() == (ROOT / "examples" / picture).read_bytes()
