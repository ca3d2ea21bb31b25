"""The builder of rules: conditions and actions put together on one page, in either admin."""
