"""Every address of the shared pages, once for both admins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from case_management.ui.alerts import AlertsPage
from case_management.ui.bulk.routes import BULK_ROUTES
from case_management.ui.case.compare import ComparePage
from case_management.ui.case.drafts import DraftPage
from case_management.ui.case.explain import WhyPage
from case_management.ui.case.files import CaseFilePage
from case_management.ui.case.macros import MacroPage
from case_management.ui.case.new import NewCasePage
from case_management.ui.case.onward import NextPage
from case_management.ui.case.others import OthersAnswer
from case_management.ui.case.page import CasePage
from case_management.ui.case.people import PeopleAnswer
from case_management.ui.case.pulse import PulsePage
from case_management.ui.case.responses import ResponsePage, ResponsesPage
from case_management.ui.case.statement import StatementPage
from case_management.ui.contacts.correcting import CorrectContactPage
from case_management.ui.contacts.listing import ContactsPage
from case_management.ui.contacts.merging import MergeContactPage, PartContactsPage
from case_management.ui.contacts.page import ContactPage, SaidPage
from case_management.ui.dashboard import DashboardPage
from case_management.ui.forecast import ForecastPage
from case_management.ui.lists.view import CaseListPage
from case_management.ui.lists.view_pages import ViewsPage, ViewStepPage
from case_management.ui.palette import PalettePage
from case_management.ui.preferences.page import PreferencesPage
from case_management.ui.rules.findings import FindingsPage
from case_management.ui.rules.page import BuilderPage
from case_management.ui.rules.shadow import ShadowPage
from case_management.ui.rules.trials import RuleTrialFilePage, RuleTrialPage, RuleTryPage
from case_management.ui.rules.versions import VersionsPage
from case_management.ui.setup.calendar_year import CalendarYearPage
from case_management.ui.setup.configuration import ConfigurationFile, ConfigurationPage
from case_management.ui.setup.macros import MacroStepsPage
from case_management.ui.setup.merging import MergePage
from case_management.ui.setup.ordering import OrderPage
from case_management.ui.setup.policy_trials import PolicyTrialFilePage, PolicyTrialPage, PolicyTryPage
from case_management.ui.shell import Page, Shell
from case_management.ui.transfers.routes import transfer_routes

#: Address, page, name. Fixed words come before the reference of a case.
ROUTES: list[tuple[str, type[Page], str]] = [
    ("", CaseListPage, "list"),
    ("views/", ViewsPage, "views"),
    ("views/<int:pk>/<slug:step>/", ViewStepPage, "view_step"),
    ("new/", NewCasePage, "new"),
    ("contacts/", ContactsPage, "contacts"),
    ("contacts/<int:pk>/", ContactPage, "contact"),
    ("contacts/<int:pk>/said/", SaidPage, "contact_said"),
    ("contacts/<int:pk>/correct/", CorrectContactPage, "contact_correct"),
    ("contacts/<int:pk>/merge/", MergeContactPage, "contact_merge"),
    ("contacts/<int:pk>/merges/<int:merge>/", PartContactsPage, "contact_part"),
    ("next/", NextPage, "next"),
    ("palette/", PalettePage, "palette"),
    ("dashboard/", DashboardPage, "dashboard"),
    ("forecast/", ForecastPage, "forecast"),
    ("alerts/", AlertsPage, "alerts"),
    ("preferences/", PreferencesPage, "preferences"),
    ("entries/<slug:name>/<int:pk>/merge/", MergePage, "entry_merge"),
    ("entries/<slug:name>/order/", OrderPage, "entry_order"),
    ("entries/businesscalendar/<int:pk>/year/", CalendarYearPage, "calendar_year"),
    ("entries/macro/<int:pk>/steps/", MacroStepsPage, "macro_steps"),
    ("entries/rule/<int:pk>/build/", BuilderPage, "rule_build"),
    ("entries/rule/<int:pk>/shadow/", ShadowPage, "rule_shadow"),
    ("entries/rule/<int:pk>/try/", RuleTryPage, "rule_try"),
    ("entries/rule/<int:pk>/try/<int:trial>/", RuleTrialPage, "rule_trial"),
    ("entries/rule/<int:pk>/try/<int:trial>/file/", RuleTrialFilePage, "rule_trial_file"),
    ("entries/rule/<int:pk>/versions/", VersionsPage, "rule_versions"),
    ("entries/rule/findings/", FindingsPage, "rule_findings"),
    ("entries/slapolicy/<int:pk>/try/", PolicyTryPage, "policy_try"),
    ("entries/slapolicy/<int:pk>/try/<int:trial>/", PolicyTrialPage, "policy_trial"),
    ("entries/slapolicy/<int:pk>/try/<int:trial>/file/", PolicyTrialFilePage, "policy_trial_file"),
    ("entries/settings/<int:pk>/file/", ConfigurationPage, "configuration"),
    ("entries/settings/<int:pk>/file/export/", ConfigurationFile, "configuration_file"),
    *BULK_ROUTES,
    *transfer_routes(),
    ("<slug:reference>/people/", PeopleAnswer, "case_people"),
    ("<slug:reference>/", CasePage, "case"),
    ("<slug:reference>/files/<int:pk>/", CaseFilePage, "case_file"),
    ("<slug:reference>/compare/<slug:other>/", ComparePage, "case_compare"),
    ("<slug:reference>/others/", OthersAnswer, "case_others"),
    ("<slug:reference>/responses/", ResponsesPage, "case_responses"),
    ("<slug:reference>/responses/<int:pk>/", ResponsePage, "case_response"),
    ("<slug:reference>/macros/<int:pk>/", MacroPage, "case_macro"),
    ("<slug:reference>/pulse/", PulsePage, "case_pulse"),
    ("<slug:reference>/draft/", DraftPage, "case_draft"),
    ("<slug:reference>/statement/", StatementPage, "statement"),
    ("<slug:reference>/why/", WhyPage, "case_why"),
    ("<slug:reference>/<slug:verb>/", CasePage, "case_act"),
]


def page_urls(shell_class: type[Shell], wrap: Callable[[Any], Any] = lambda view: view) -> list[URLPattern]:
    """The pages in ``shell_class``; ``wrap`` adds what the admin asks of each of its views."""
    return [path(route, wrap(page.as_view(shell_class=shell_class)), name=name) for route, page, name in ROUTES]
