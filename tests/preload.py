"""What forked processes begin with: the small sets, decoded once."""

from tests.small import small_sets

small_sets()
