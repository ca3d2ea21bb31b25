"""Tests of wordsmith."""
