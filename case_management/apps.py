"""Composition root: the one place where layers that must not know each other are introduced."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CaseManagementConfig(AppConfig):
    """The installable app; hosts list ``case_management`` in INSTALLED_APPS."""

    name = "case_management"
    label = "case_management"
    verbose_name = _("Case management")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Install the authority for rights and, in the order in which they answer, the reactors."""
        # Models are loaded only now, so these imports cannot stand at the top.
        from case_management import checks  # noqa: F401, PLC0415 - they register themselves
        from case_management.access import MembershipAuthority  # noqa: PLC0415
        from case_management.domain.actor import install_authority  # noqa: PLC0415
        from case_management.notifications import dispatch  # noqa: PLC0415
        from case_management.rules import engine, reacting  # noqa: PLC0415
        from case_management.timeline.reactions import Reactor, reactors  # noqa: PLC0415
        from case_management.trying.shadow import look_on  # noqa: PLC0415

        install_authority(MembershipAuthority())
        reactors.register("rules", Reactor(reacting.event_types, reacting.react))
        reactors.register("notifications", Reactor(dispatch.event_types, dispatch.react))
        engine.onlookers.register("shadow", look_on)
