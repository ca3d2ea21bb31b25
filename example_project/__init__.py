"""A small site to try case management on: the demo, the tests and the benchmarks run on it."""
