"""App configuration of the guests: here a host says how its customers are linked to contacts."""

from django.apps import AppConfig
from django.urls import reverse


class GuestsConfig(AppConfig):
    """Guests of a hotel."""

    name = "example_project.guests"
    label = "guests"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Contacts with the customer model ``guests.guest`` lead to a guest's page."""
        from case_management.models.contact import CustomerModel, customer_models  # noqa: PLC0415 - apps are ready now

        customer_models.register("guests.guest", CustomerModel("guests.Guest", lambda pk: reverse("guest", args=[pk])))
