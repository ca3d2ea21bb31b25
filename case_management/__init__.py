"""Case management for a Django or Wagtail site."""
