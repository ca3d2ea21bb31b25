"""Tests of portable configuration."""
