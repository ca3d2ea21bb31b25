"""Preferences: set in either admin, kept in one row, and they take effect."""

from __future__ import annotations

import pytest
from django.urls import reverse

from case_management import models
from case_management.domain.actor import Actor
from case_management.jobs.drain import drain_all
from case_management.models import Notification, Preferences
from case_management.operations import assign_case
from case_management.testing import make_user

pytestmark = pytest.mark.django_db
CHOSEN = {"mailed": ["escalated"], "signature": "Kind regards\nAnn", "time_zone": "Asia/Tokyo", "uses_shortcuts": ""}


def test_preferences_are_kept_and_shown_again(company, signed_in, case_door):
    browser, address = signed_in(company.ann), case_door.url("preferences")
    assert browser.post(address, CHOSEN).status_code == 302
    kept = Preferences.of(company.ann)
    assert (kept.signature.split(), kept.uses_shortcuts) == (["Kind", "regards", "Ann"], False)
    assert {"assigned", "sla_breached", "watched_note"} <= set(kept.muted), "what is not ticked is not mailed"
    assert "escalated" not in kept.muted
    page = browser.get(address).content.decode()
    assert "Kind regards" in page
    assert page.count(" checked") == 1


def test_the_django_admin_shows_moments_in_the_chosen_time_zone(company, signed_in, case):
    browser = signed_in(company.ann)
    address = reverse("admin:case_management:case", args=[case.reference])
    assert "+09:00" not in browser.get(address).content.decode()
    browser.post(reverse("admin:case_management:preferences"), CHOSEN)
    assert "+09:00" in browser.get(address).content.decode()


@pytest.mark.wagtail
def test_a_time_zone_chosen_in_wagtail_counts_there(company, signed_in, case):
    from wagtail.users.models import UserProfile

    Preferences.objects.create(user=company.ann, time_zone="Asia/Tokyo")
    profile = UserProfile.get_for_user(company.ann)
    profile.current_time_zone = "America/Bogota"
    profile.save()
    page = signed_in(company.ann).get(reverse("case_management:case", args=[case.reference])).content.decode()
    assert "-05:00" in page
    assert "+09:00" not in page


def test_an_unknown_time_zone_is_refused_and_nothing_is_kept(company, signed_in):
    sent = {**CHOSEN, "time_zone": "Mars/Olympus"}
    reply = signed_in(company.ann).post(reverse("admin:case_management:preferences"), sent)
    assert reply.status_code == 422
    assert not Preferences.objects.exists()


def test_a_time_zone_that_the_system_forgot_does_not_break_the_pages(company, signed_in, case_door):
    Preferences.objects.create(user=company.ann, time_zone="Mars/Olympus")
    assert signed_in(company.ann).get(case_door.url("list")).status_code == 200


def test_a_muted_kind_is_not_mailed_and_the_ledger_says_why(company, case, mailoutbox):
    Preferences.objects.create(user=company.ann, muted=["assigned"])
    assign_case(case, to=company.ann, by=Actor.system("test"))
    drain_all()
    row = Notification.objects.get(recipient=company.ann, kind="assigned")
    assert (row.state, row.reason, mailoutbox) == ("suppressed", "muted", [])


def test_another_person_is_mailed_all_the_same(company, case, mailoutbox):
    Preferences.objects.create(user=company.ann, muted=["assigned"])
    assign_case(case, to=company.ben, by=Actor.system("test"))
    drain_all()
    assert [mail.to for mail in mailoutbox] == [[company.ben.email]]


def test_nobody_sets_another_persons_preferences(company, signed_in, case_door):
    signed_in(company.ann).post(case_door.url("preferences"), {**CHOSEN, "user": company.ben.pk})
    assert list(Preferences.objects.values_list("user", flat=True)) == [company.ann.pk]


@pytest.mark.wagtail
def test_wagtails_account_page_has_the_same_preferences(company, signed_in):
    browser, address = signed_in(company.ann), reverse("wagtailadmin_account")
    page = browser.get(address).content.decode()
    assert "E-mail about cases" in page
    assert "case_zone-time_zone" not in page
    sent = {
        "name_email-first_name": "Ann", "name_email-last_name": "Okafor", "name_email-email": "ann@example.org",
        "notifications-submitted_notifications": "on", "locale-preferred_language": "en",
        "locale-current_time_zone": "UTC", "theme-theme": "system", "theme-density": "default",
        "theme-contrast": "system", "theme-keyboard_shortcuts": "on", "case_mail-mailed": ["assigned"],
        "case_signature-signature": "Ann", "case_keyboard-uses_shortcuts": "on",
    }  # fmt: skip
    reply = browser.post(address, sent)
    assert reply.status_code == 302, reply.content.decode()[:3000]
    kept = models.Preferences.objects.get(user=company.ann)
    assert (kept.signature, kept.uses_shortcuts) == ("Ann", True)
    assert {"sla_breached", "escalated", "watched_note"} <= set(kept.muted)
    assert "assigned" not in kept.muted


@pytest.mark.wagtail
def test_wagtails_account_page_says_nothing_of_cases_to_others(signed_in):
    from django.contrib.auth.models import Permission

    other = make_user("editor")
    other.user_permissions.set(Permission.objects.filter(codename="access_admin"))
    assert "E-mail about cases" not in signed_in(other).get(reverse("wagtailadmin_account")).content.decode()
