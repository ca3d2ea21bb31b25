"""The page about customer pages works as it stands: registration, link and template, one after the other."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.template import RequestContext, Template
from django.test import RequestFactory

from case_management import models
from case_management.models.contact import customer_models
from case_management.testing import make_case, make_user
from docs.reference_blocks import ROOT

pytestmark = pytest.mark.django_db
TEXT = (ROOT / "docs/how_to/show_cases_on_your_customer_page.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """What the page registers was not there before, and is forgotten afterwards."""
    others = {key: item for key, item in customer_models.items() if key != "crm.customer"}
    monkeypatch.setattr(customer_models, "_items", others)


def test_the_snippets_of_the_page_show_a_customers_cases():
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(code, "the page", "exec"), {})  # noqa: S102 - our own page
    (template,) = re.findall(r"```html\+django\n(.*?)```", TEXT, re.DOTALL)
    contact = models.Contact.objects.get(external_id="C-1001")
    assert contact.customer_url() == "/customers/1001/"
    make_case(title="Lamp broken", contact=contact)
    request = RequestFactory().get("/customers/1001/")
    request.user = make_user("chief", is_superuser=True)
    customer = SimpleNamespace(pk=1001, _meta=SimpleNamespace(label="crm.Customer"))
    shown = Template(template).render(RequestContext(request, {"customer": customer}))
    assert "Lamp broken" in shown and contact.customer_url()
