"""The customer as case management knows them, with an optional link to the host's own customer model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from case_management.registry import Registry


@dataclass(frozen=True)
class CustomerModel:
    """How a host's own customer model is linked.

    >>> from case_management.models.contact import customer_models
    >>> customer_models.register("shop.customer", CustomerModel("shop.Customer", lambda pk: f"/customers/{pk}/"))
    ... # doctest: +SKIP
    """

    model: str
    url_for: Any


#: Hosts register their customer models here in ``AppConfig.ready()``; the key is stored on the contact.
customer_models: Registry[CustomerModel] = Registry("customer model")


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts by what a customer says of themselves."""

    def reachable_at(self, value: str) -> Self:
        """Contacts with this e-mail address or phone number, however it is written; survivors for merged ones."""
        wanted = {normalise(kind, value) for kind in PointKind.values} - {""}
        reached = ContactPoint.objects.filter(normalised__in=wanted).order_by()
        return self.filter(pk__in=reached.values_list(Coalesce("contact__merged_into", "contact"), flat=True))

    def standing(self) -> Self:
        """Without those that were merged into another one."""
        return self.filter(merged_into=None)


class Contact(models.Model):
    """A person, or an organisation, that cases are about."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    customer_model = models.CharField(_("customer model"), max_length=120, blank=True)
    customer_id = models.CharField(_("customer id"), max_length=120, blank=True)
    tags = models.ManyToManyField(
        "case_management.Tag", blank=True, related_name="contacts", verbose_name=_("tags"),
        help_text=_("What stays true of a customer beyond one case; SLA policies and rules may ask for it."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    #: A signpost: what is said under its ids and addresses belongs to that contact. Never a signpost itself.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="signposts",
        verbose_name=_("merged into"),
    )  # fmt: skip

    objects: Any = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [models.Index(fields=["name"], name="cm_contact_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="cm_contact_external_id"
            ),
            models.UniqueConstraint(
                fields=["customer_model", "customer_id"], condition=~Q(customer_id=""), name="cm_contact_customer"
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(_("Unnamed contact"))

    @property
    def survivor(self) -> Contact:
        """The contact that stands for this one: itself, unless it was merged."""
        return self.merged_into or self

    def customer_url(self) -> str:
        """Address of the host's own page for this customer, or an empty string."""
        if not self.customer_id or self.customer_model not in customer_models:
            return ""
        return str(customer_models.get(self.customer_model).url_for(self.customer_id))


class PointKind(models.TextChoices):
    """How a contact can be reached."""

    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")


class ContactPoint(models.Model):
    """One e-mail address or phone number of a contact."""

    contact = models.ForeignKey(Contact, models.CASCADE, verbose_name=_("contact"), related_name="points")
    kind = models.CharField(_("kind"), max_length=5, choices=PointKind.choices)
    value = models.CharField(_("value"), max_length=254)
    normalised = models.CharField(_("normalised"), max_length=254, editable=False)

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        indexes = [models.Index(fields=["normalised"], name="cm_point_normalised")]
        constraints = [
            models.UniqueConstraint(fields=["contact", "kind", "normalised"], name="cm_point_once_per_contact")
        ]

    def __str__(self) -> str:
        return self.value

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the searchable form in step."""
        self.normalised = normalise(self.kind, self.value)
        super().save(*args, **kwargs)


def normalise(kind: str, value: str) -> str:
    """The form in which addresses and numbers are compared: lower case, or digits with a leading plus."""
    if kind == PointKind.EMAIL:
        return value.strip().lower()
    digits = "".join(char for char in value if char.isdigit())
    return f"+{digits}" if value.strip().startswith(("+", "00")) and digits else digits
