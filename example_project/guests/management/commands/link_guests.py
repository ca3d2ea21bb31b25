"""Make a guest of every contact that the surveys know by a guest's number, and link the two."""

from typing import Any

from django.core.management.base import BaseCommand

from case_management.models import Contact
from example_project.guests.models import Guest


class Command(BaseCommand):
    """Safe to run again."""

    help = "Make guests of contacts whose external id is a guest's number."

    def handle(self, *args: Any, **options: Any) -> None:
        """A host would rather link where it makes its customers."""
        contacts = list(Contact.objects.filter(external_id__startswith="guest-", customer_id=""))
        guests = [Guest(number=contact.external_id, name=contact.name) for contact in contacts]
        Guest.objects.bulk_create(guests, ignore_conflicts=True, batch_size=500)
        numbers = dict(Guest.objects.values_list("number", "pk"))
        for contact in contacts:
            contact.customer_model, contact.customer_id = "guests.guest", str(numbers[contact.external_id])
        Contact.objects.bulk_update(contacts, ["customer_model", "customer_id"], batch_size=500)
        self.stdout.write(f"{len(contacts)} contacts linked.")
