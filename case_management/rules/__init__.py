"""Rules: when something happens and conditions hold, act; each firing unique, each explained."""
