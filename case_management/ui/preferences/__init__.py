"""What members of staff choose for themselves: one set of forms for the shared page and for Wagtail's account page."""
