"""Older residents speak: recordings made playable, turned into text, and read like typed text."""
