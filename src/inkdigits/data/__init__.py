"""Images and labels: where they come from, whether they are what they claim to be, how they are split."""
