"""A believable company with two years of cases, made from a seed."""
