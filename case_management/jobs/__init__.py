"""Clockwork: what the queue and the scheduler call; plain names in, safe to run twice."""
