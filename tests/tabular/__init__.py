"""Tests of reading and writing table files."""
