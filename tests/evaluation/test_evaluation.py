"""The figures are right: against scikit-learn, against known values, against hand-made cases."""

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from inkdigits.data.dataset import Dataset
from inkdigits.errors import ConfigError, DataError, ModelError
from inkdigits.evaluation.compare import Contender, compare
from inkdigits.evaluation.confusion import confusion_matrix
from inkdigits.evaluation.evaluate import evaluate
from inkdigits.evaluation.metrics import accuracy, class_metrics, cross_entropy, mcnemar_p, wilson_interval
from inkdigits.evaluation.probabilities import probability_table
from inkdigits.inference.softmax import softmax
from inkdigits.types import Images, Logits
from tests.drawing import mnist_test
from tests.small import trained

DIGITS = tuple("0123456789")


class Fixed:
    """A classifier that answers with given logits, whatever it sees."""

    class_names = DIGITS

    def __init__(self, logits: Logits) -> None:
        self.answers = logits

    def logits(self, images: Images) -> Logits:
        assert len(images) == len(self.answers)
        return self.answers


def random_logits(seed: int = 0, count: int = 500) -> tuple[Logits, NDArray[np.int64]]:
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 10, count)
    return (chance.normal(size=(count, 10)) + 2 * np.eye(10)[labels]).astype(np.float32), labels


def test_figures_agree_with_scikit_learn() -> None:
    logits, labels = random_logits()
    guesses = logits.argmax(1)
    counts = confusion_matrix(labels, guesses, DIGITS).counts
    assert accuracy(logits, labels) == pytest.approx(oracle.accuracy_score(labels, guesses))
    assert cross_entropy(logits, labels) == pytest.approx(oracle.log_loss(labels, softmax(logits)), rel=1e-6)
    assert np.array_equal(counts, oracle.confusion_matrix(labels, guesses))
    precision, recall, f1, support = oracle.precision_recall_fscore_support(labels, guesses)
    for index, row in enumerate(class_metrics(counts, DIGITS)):
        assert row.precision == pytest.approx(precision[index])
        assert row.recall == pytest.approx(recall[index])
        assert row.f1 == pytest.approx(f1[index])
        assert row.support == support[index]


def test_a_class_that_never_occurs_has_zeros() -> None:
    rows = class_metrics(np.array([[3, 0], [0, 0]]), ("a", "b"))
    assert (rows[1].support, rows[1].precision, rows[1].recall, rows[1].f1) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("correct", "total", "low", "high"),
    [
        (9_848, 10_000, 0.98221, 0.98702),
        (10_000, 10_000, 0.99962, 1.0),
        (0, 10, 0.0, 0.27753),
        (81, 263, 0.25527, 0.36619),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),  # the same table
    ],
)
def test_wilson_intervals_are_the_published_ones(correct: int, total: int, low: float, high: float) -> None:
    assert wilson_interval(correct, total) == pytest.approx((low, high), abs=6e-5)


def test_rows_of_the_confusion_matrix_are_labels_and_columns_are_guesses() -> None:
    matrix = confusion_matrix(np.array([4, 4, 9]), np.array([9, 9, 9]), DIGITS)
    assert matrix.counts[4, 9] == 2
    assert matrix.counts[9, 4] == 0
    frame = matrix.to_frame()
    assert (frame.index.name, frame.columns.name) == ("label", "guess")
    assert frame.loc["4", "9"] == 2
    assert matrix.most_confused() == [("4", "9", 2)]
    assert matrix.to_dict()["rows"] == "label"
    assert str(matrix).splitlines()[0].startswith("label \\ guess    0    1")
    assert str(matrix).splitlines()[5].split() == ["4", "0", "0", "0", "0", "0", "0", "0", "0", "0", "2"]


def test_an_evaluation_is_complete() -> None:
    logits, labels = random_logits(count=300)
    images = np.zeros((300, 28, 28), np.uint8)
    evaluation = evaluate(Fixed(logits), Dataset("mnist", "test", images, labels))
    assert evaluation.correct == int((logits.argmax(1) == labels).sum())
    assert evaluation.total == 300
    assert len(evaluation.misses) == 300 - evaluation.correct
    miss = evaluation.misses[0]
    assert miss.label == str(labels[miss.index])
    assert miss.guess == str(logits[miss.index].argmax())
    assert miss.probability == pytest.approx(softmax(logits)[miss.index].max())
    assert miss.label_probability == pytest.approx(softmax(logits)[miss.index, labels[miss.index]])
    assert [miss.index for miss in evaluation.misses] == sorted(miss.index for miss in evaluation.misses)
    about = json.loads(json.dumps(evaluation.to_dict()))
    assert about["accuracy"] == evaluation.correct / 300
    assert len(about["misses"]) == len(evaluation.misses)
    assert f"{evaluation.correct}/300" in repr(evaluation)


def test_an_empty_data_set_and_other_classes_are_refused() -> None:
    empty = Dataset("mnist", "test", np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64))
    with pytest.raises(DataError, match="there is nothing to measure"):
        evaluate(Fixed(np.zeros((0, 10), np.float32)), empty)
    letters = Dataset("letters", "test", np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.int64), ("a", "b"))
    with pytest.raises(DataError, match=r"the classifier knows 0, 1.* but letters has a, b"):
        evaluate(Fixed(np.zeros((1, 10), np.float32)), letters)


def test_probability_tables_are_one_call_and_their_rows_sum_to_one() -> None:
    classifier, images = trained().classifier, mnist_test().images[:32]
    table, logs = probability_table(classifier, images), probability_table(classifier, images, log=True)
    assert list(table.index[:2]) == ["sample 0", "sample 1"]
    assert np.allclose(table[list(DIGITS)].sum(axis=1), 1)
    assert np.allclose(np.exp(logs[list(DIGITS)]), table[list(DIGITS)])
    assert (table[list(DIGITS)].idxmax(axis=1) == table["guess"]).all()
    alone = probability_table(classifier, images[:1])
    assert np.allclose(alone[list(DIGITS)], table[list(DIGITS)][:1], atol=1e-6)


def test_mcnemar_is_exact_for_few_and_near_it_for_many() -> None:
    def correct(only_a: int, only_b: int) -> float:
        a = np.array([True] * only_a + [False] * only_b + [True] * 10)
        b = np.array([False] * only_a + [True] * only_b + [True] * 10)
        return mcnemar_p(a, b)

    assert correct(0, 0) == 1
    assert correct(5, 5) == 1
    assert correct(0, 6) == pytest.approx(2 / 64)
    assert correct(3, 10) == pytest.approx(2 * (1 + 13 + 78 + 286) / 2**13)
    assert correct(499, 500) == pytest.approx(correct(500, 501), abs=0.03)


def test_a_comparison_ranks_and_pairs() -> None:
    logits, labels = random_logits(count=400)
    worse = logits.copy()
    worse[:40] = -worse[:40]
    dataset = Dataset("mnist", "test", np.zeros((400, 28, 28), np.uint8), labels)
    contenders = [
        Contender("worse", evaluate(Fixed(worse), dataset), 10),
        Contender("better", evaluate(Fixed(logits), dataset), 20, 1.5),
    ]
    rows = compare(contenders, dataset)
    assert [row.name for row in rows] == ["better", "worse"]
    assert rows[0].p_value is None
    assert rows[1].p_value is not None
    assert rows[1].p_value < 0.001
    assert rows[1].points_behind == pytest.approx(100 * (rows[0].accuracy - rows[1].accuracy))
    with pytest.raises(ConfigError, match="was evaluated on"):
        compare(contenders, dataset.subset(slice(5)))


class Constant:
    """Answers 0 of so many classes, which are named in a list."""

    def __init__(self, width: int = 10) -> None:
        self.class_names, self.width = list("0123456789"), width

    def logits(self, images: Images) -> Logits:
        return np.eye(self.width, dtype=np.float32)[np.zeros(len(images), np.int64)]


def test_a_classifier_of_ones_own_may_name_its_classes_in_a_list() -> None:
    dataset = mnist_test().subset(slice(100))
    found = evaluate(Constant(), dataset)  # type: ignore[arg-type]  # a list is no tuple
    assert found.correct == (dataset.labels == 0).sum()


@pytest.mark.parametrize("width", [5, 12])
def test_logits_of_another_width_are_told(width: int) -> None:
    with pytest.raises(ModelError, match=rf"gives logits \(100, {width}\) for 100 images of 10 classes"):
        evaluate(Constant(width), mnist_test().subset(slice(100)))  # type: ignore[arg-type]  # a list is no tuple


def test_evaluations_of_other_images_are_not_compared() -> None:
    dataset = mnist_test().subset(slice(100))
    contender = Contender("constant", evaluate(Constant(), dataset))  # type: ignore[arg-type]  # a list is no tuple
    with pytest.raises(ConfigError, match="constant was evaluated on mnist:test"):
        compare([contender], replace(dataset, split="validation"))
    with pytest.raises(ConfigError, match="nothing to compare"):
        compare([], dataset)


def test_a_checkpoint_is_no_classifier_and_is_told_where_its_own_is() -> None:
    with pytest.raises(ConfigError, match=r"Checkpoint is no classifier: of a checkpoint, its `.classifier` is one"):
        evaluate(trained(), mnist_test())  # type: ignore[arg-type]  # that is the point
