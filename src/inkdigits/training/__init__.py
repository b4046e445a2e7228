"""The loop and what it needs: batches, augmentation, optimisers, checkpoints."""
