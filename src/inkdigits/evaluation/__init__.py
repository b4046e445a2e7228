"""How good is a classifier, and where does it fail: works on anything that maps images to logits."""
