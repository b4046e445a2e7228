"""What an answer to the exercise must do, and what the common wrong answers are told."""

import torch
from torch.nn import functional as F

from inkdigits.course.exercise import close, expect, returned


def check(answer):
    """Yield a sentence for each thing that the answer does right."""
    torch.manual_seed(0)
    logits, labels = torch.randn(5, 10) * 3, torch.tensor([3, 1, 4, 1, 5])
    found = returned(answer.softmax(logits.clone()), "softmax")
    expect(found.shape == (5, 10), f"softmax of logits (5, 10) must be (5, 10), got {tuple(found.shape)}")
    expect(bool((found >= 0).all()), "a probability is never negative: take the exponential before you divide")
    columns, rows = found.sum(dim=0), found.sum(dim=1)
    expect(
        not close(columns, torch.ones(10)) or close(rows, torch.ones(5)),
        "your columns sum to 1, not your rows: you compare the images of a batch with each other. Sum over dim=1",
    )
    expect(not close(rows.sum(), 1), "all of your numbers together sum to 1: each row must, so sum over dim=1")
    expect(close(rows, torch.ones(5)), f"each row must sum to 1, the first sums to {rows[0]:.3f}: divide by its sum")
    yield "each row of softmax sums to 1"

    expect(close(found, F.softmax(logits, dim=1)), "the rows sum to 1, but are not exp(logit) / sum of exp(logits)")
    yield "the probabilities are right"

    large = answer.softmax(torch.tensor([[1000.0, 999.0]]))
    expect(
        not bool(torch.isnan(large).any()),
        "a logit of 1000 gives nan: exp(1000) overflows. Subtract the row's largest logit first; nothing else changes",
    )
    expect(close(large, torch.tensor([[0.7311, 0.2689]])), f"logits 1000 and 999 give {large.tolist()}")
    yield "large logits do not overflow"

    expect(
        close(answer.softmax(logits[:1].clone()), F.softmax(logits[:1], dim=1)),
        "an image alone gets another answer than in its batch: keep to its own row, also for the largest logit",
    )
    yield "an image alone gets the answer that it gets in a batch"

    loss = torch.as_tensor(returned(answer.cross_entropy(logits.clone(), labels), "cross_entropy"))
    right = F.cross_entropy(logits, labels)
    expect(loss.dim() == 0, f"cross_entropy must be one number, got shape {tuple(loss.shape)}: take the mean")
    expect(not close(loss, -right), "cross_entropy has the wrong sign: a logarithm of a probability is negative")
    expect(not close(loss, right * 5), "cross_entropy is the sum over the images: it must be the mean")
    expect(
        not close(loss, F.cross_entropy(F.softmax(logits, dim=1), labels)),
        "cross_entropy takes softmax twice: log(probability of the right class), not a softmax of probabilities",
    )
    expect(close(loss, right), f"cross_entropy is {float(loss):.4f} where it should be {float(right):.4f}")
    yield "cross-entropy is the mean of -log(probability of the right class)"

    wrong = torch.as_tensor(answer.cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([1])))
    expect(
        close(wrong, 1000.0),
        f"a certain and wrong answer costs {float(wrong)} where it should cost 1000: log(0) is infinite. "
        "Write the logarithm of softmax out: logit - max - log(sum(exp(logit - max)))",
    )
    yield "a certain and wrong answer costs what it should"
