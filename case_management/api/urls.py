"""The addresses of the API; a host mounts them where it likes, the example at ``/api/v1/``."""

from django.urls import path, re_path

from case_management.api.cases import CasesView, CaseView
from case_management.api.description import DescriptionView
from case_management.api.responses import ResponsesView, ResponseView

app_name = "case_management_api"

urlpatterns = [
    path("responses/", ResponsesView.as_view(), name="responses"),
    # No control characters: no id has them, and no database takes NUL in a query.
    re_path(r"^responses/(?P<source>[-\w]+)/(?P<external_id>[^\x00-\x1f]+)/$", ResponseView.as_view(), name="response"),
    path("cases/", CasesView.as_view(), name="cases"),
    re_path(r"^cases/(?P<reference>[-\w#]+)/$", CaseView.as_view(), name="case"),
    path("schema/", DescriptionView.as_view(), name="schema"),
]
