"""The course: its lessons, its exercises that mark themselves, and the game against the model."""
