"""The example site's home page in Wagtail."""
