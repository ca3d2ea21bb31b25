"""URLs of the example site without Wagtail."""

from django.urls import path
from django.views.generic import TemplateView

from example_project.urls_base import urlpatterns as base_urlpatterns

urlpatterns = [
    *base_urlpatterns,
    path("", TemplateView.as_view(template_name="example_project/welcome.html"), name="home"),
]
