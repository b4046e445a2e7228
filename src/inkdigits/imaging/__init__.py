"""Pixels in, pixels out: from any picture file to what a network sees. Knows no model."""
