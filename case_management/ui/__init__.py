"""The door for people: forms, pages and lists, written once and rendered in either admin's shell."""
