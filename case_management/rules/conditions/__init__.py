"""Conditions: a tree of all/any/not over closed fields that compiles to one query."""
