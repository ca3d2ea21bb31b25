"""Customers are recognised by id or address, never by name; strangers cannot change them."""

from __future__ import annotations

from case_management.intake import Person, Response, receive
from case_management.models import Contact, ContactPoint, Interaction, Source


def contact_of(key: str) -> Contact | None:
    found: Contact | None = Interaction.objects.get(external_id=key).contact
    return found


def send(survey: Source, *people: Person | None, start: int = 0) -> list[Contact | None]:
    batch = [Response(external_id=str(start + n), contact=person) for n, person in enumerate(people)]
    receive(batch, source=survey)
    return [contact_of(each.key) for each in batch]


def test_everything_that_is_known_of_a_new_customer_is_kept(survey: Source) -> None:
    person = Person(
        name="Ana", emails=("Ana@Example.org",), phones=("+49 30 1234",), external_id="K1", country="DE", language="de"
    )

    (contact,) = send(survey, person)

    assert contact is not None
    assert (contact.name, contact.external_id, contact.country, contact.language) == ("Ana", "K1", "DE", "de")
    points = set(ContactPoint.objects.values_list("kind", "value", "normalised"))
    assert points == {("email", "Ana@Example.org", "ana@example.org"), ("phone", "+49 30 1234", "+49301234")}


def test_one_address_in_any_spelling_is_one_customer(survey: Source) -> None:
    first, second = send(survey, Person(emails=("ana@example.org",)), Person(emails=(" ANA@example.ORG",)))
    (third,) = send(survey, Person(name="A.", emails=("x@example.org", "ana@example.org")), start=2)

    assert first == second == third
    assert Contact.objects.count() == 1


def test_one_id_is_one_customer_whatever_the_address(survey: Source) -> None:
    first, second = send(
        survey,
        Person(external_id="K1", emails=("a@example.org",)),
        Person(external_id="K1", emails=("b@example.org",)),
    )

    assert first == second
    assert ContactPoint.objects.filter(contact=first).count() == 2


def test_equal_names_are_different_customers(survey: Source) -> None:
    first, second = send(survey, Person(name="Ana Silva"), Person(name="Ana Silva"))

    assert first != second
    assert Contact.objects.count() == 2


def test_a_phone_number_alone_recognises_nobody(survey: Source) -> None:
    first, second = send(survey, Person(phones=("+4930123",)), Person(phones=("+4930123",)))

    assert first != second


def test_a_country_alone_is_nobody(survey: Source) -> None:
    assert send(survey, Person(country="Portugal"), Person(), None) == [None, None, None]
    assert not Contact.objects.exists()


def test_two_ids_with_one_address_are_two_customers(survey: Source) -> None:
    first, second = send(
        survey,
        Person(external_id="K1", emails=("home@example.org",)),
        Person(external_id="K2", emails=("home@example.org",)),
    )

    assert first != second


def test_a_customer_known_by_address_gets_the_id_when_it_comes(survey: Source) -> None:
    (first,) = send(survey, Person(emails=("ana@example.org",)))
    (second,) = send(survey, Person(external_id="K1", name="Ana", emails=("ana@example.org",)), start=1)
    (third,) = send(survey, Person(external_id="K1"), start=2)

    assert first == second == third
    assert third is not None
    assert (third.external_id, third.name) == ("K1", "Ana")


def test_one_contact_with_two_addresses_is_not_claimed_by_two_ids_of_one_batch(survey: Source) -> None:
    (first,) = send(survey, Person(emails=("a@example.org", "b@example.org")))

    second, third = send(
        survey,
        Person(external_id="K1", emails=("a@example.org",)),
        Person(external_id="K2", emails=("b@example.org",)),
        start=1,
    )

    assert second == first
    assert third != first
    assert set(Contact.objects.values_list("external_id", flat=True)) == {"K1", "K2"}


def test_an_address_alone_does_not_vouch_for_new_facts(survey: Source) -> None:
    (known,) = send(survey, Person(external_id="K1", name="Ana", emails=("ana@example.org",)))

    send(survey, Person(name="Eve", emails=("ana@example.org", "eve@example.org"), country="XX"), start=1)

    assert known is not None
    known.refresh_from_db()
    assert (known.name, known.country) == ("Ana", "")
    assert not known.points.filter(normalised="eve@example.org").exists()


def test_what_somebody_wrote_about_a_customer_stays(survey: Source) -> None:
    (known,) = send(survey, Person(external_id="K1", name="Ana Silva"))

    send(survey, Person(external_id="K1", name="SILVA, A", country="Portugal"), start=1)

    assert known is not None
    known.refresh_from_db()
    assert (known.name, known.country) == ("Ana Silva", "Portugal")


def test_a_response_that_is_known_makes_no_contact(survey: Source) -> None:
    send(survey, Person(name="Ana"))
    send(survey, Person(name="Ana"))

    assert Contact.objects.count() == 1
