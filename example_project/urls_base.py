"""What both example sites answer: Django's admin and the API."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("django-admin/", admin.site.urls)]
if find_spec("case_management.api.urls"):
    urlpatterns += [path("api/v1/", include("case_management.api.urls"))]
