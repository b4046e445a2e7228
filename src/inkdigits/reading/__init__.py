"""From a picture to the digits in it."""
