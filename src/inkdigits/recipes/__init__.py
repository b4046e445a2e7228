"""Training runs by name: where each comes from, every number of it, and what it was measured to reach."""
