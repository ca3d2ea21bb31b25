"""The demo's wording: responses that its manager approved, a draft, signatures, and macros that use them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from case_management import models

NAME = "Marrow & Finch Hotels"

#: Name, subject, text, prompts (name → question), and for which cases: topic, case type or source by key.
RESPONSES: tuple[dict[str, Any], ...] = (
    {
        "name": "Our apologies",
        "subject": "Our apologies",
        "body": (
            "Dear [[CUSTOMER NAME]],\n\n"
            "Thank you for telling us about your stay at [[UNIT NAME]]. You wrote that [[DETAILS FROM CUSTOMER]]. "
            "That is not the welcome we want to give, and I am sorry.\n\n"
            "[[WHAT WE HAVE DONE]]\n\n"
            "Should you write to us again, please name [[CASE REFERENCE]].\n\n[[SIGNATURE]]"
        ),
        "prompts": {
            "DETAILS FROM CUSTOMER": "What did the guest tell us?",
            "WHAT WE HAVE DONE": "What has the hotel done about it?",
        },
        "keywords": "sorry apology complaint",
    },
    {
        "name": "A room that was not clean",
        "subject": "About your room at [[UNIT NAME]]",
        "body": (
            "Dear [[CUSTOMER NAME]],\n\n"
            "Your room should have been spotless when you opened the door. [[WHAT WAS FOUND]] I have passed this on to "
            "the head housekeeper, who has looked at the room and at how we check it.\n\n"
            "I am sorry that it took your message for us to see it.\n\n[[SIGNATURE]]"
        ),
        "prompts": {"WHAT WAS FOUND": "What did the guest find, in one sentence?"},
        "topic": "room-cleanliness",
        "keywords": "dirty housekeeping",
    },
    {
        "name": "Noise in the night",
        "subject": "Your night at [[UNIT NAME]]",
        "body": (
            "Dear [[CUSTOMER NAME]],\n\n"
            "A good night is what you come to us for, and you did not have one. I am sorry.\n\n"
            "Next time, please ring the front desk at any hour: we will look into it at once, and give you another "
            "room if we can. For your next stay we have noted a quiet room, away from [[SOURCE OF THE NOISE]].\n\n"
            "[[SIGNATURE]]"
        ),
        "prompts": {"SOURCE OF THE NOISE": "Where did the noise come from (the lift, the street …)?"},
        "topic": "room-noise",
        "keywords": "loud sleep",
    },
    {
        "name": "Refund is on its way",
        "subject": "Your refund",
        "body": (
            "Dear [[CUSTOMER NAME]],\n\n"
            "We have refunded [[AMOUNT]] to the card with which you paid.\n\n"
            "[[LOCKED: when the money arrives]]Depending on your bank it takes three to five working days until the "
            "amount shows in your account. The refund settles your claim named [[CASE REFERENCE]].[[/LOCKED]]\n\n"
            "[[SIGNATURE]]"
        ),
        "prompts": {"AMOUNT": "How much, with its currency?"},
        "topic": "booking-and-billing",
        "keywords": "money charge card",
    },
    {
        "name": "A wrong charge",
        "subject": "Your bill, [[CASE REFERENCE]]",
        "body": (
            "Dear [[CUSTOMER NAME]],\n\n"
            "You asked about [[THE CHARGE]] on your bill. Our billing desk is checking it against the hotel's records. "
            "You will hear from us by [[BY WHEN]].\n\n[[SIGNATURE]]"
        ),
        "prompts": {"THE CHARGE": "Which charge?", "BY WHEN": "By which day do we answer?"},
        "case_type": "billing",
        "keywords": "invoice bill",
    },
    {
        "name": "Breakfast was not what it should be",
        "subject": "Breakfast at [[UNIT NAME]]",
        "body": (
            "Dear [[CUSTOMER NAME]],\n\n"
            "Thank you for your frank words about breakfast. I read them to the kitchen this morning. "
            "[[WHAT CHANGES]]\n\n"
            "We would like to put it right: your next breakfast with us is on the house.\n\n[[SIGNATURE]]"
        ),
        "prompts": {"WHAT CHANGES": "What does the kitchen do differently?"},
        "topic": "food-and-drink-breakfast",
    },
    {
        "name": "We are looking into it",
        "subject": "About your stay",
        "body": (
            "Dear [[CUSTOMER NAME]],\n\n"
            "Thank you for your message about [[CASE TITLE]]. I have asked the team at [[UNIT NAME]] what happened and "
            "will write to you again by [[BY WHEN]].\n\n[[SIGNATURE]]"
        ),
        "prompts": {"BY WHEN": "By which day do we write again?"},
        "keywords": "first answer holding",
    },
    {
        "name": "May we call you?",
        "subject": "May we call you?",
        "body": (
            "Dear [[CUSTOMER NAME]],\n\n"
            "Some things are better said than written. May I call you about your stay at [[UNIT NAME]]? Tell me the "
            "number and the hour that suit you, and I will ring.\n\n[[SIGNATURE]]"
        ),
        "prompts": {},
        "case_type": "guest-recovery",
        "keywords": "phone telephone",
    },
    {
        "name": "Answer to a public post",
        "subject": "Thank you for your post",
        "body": (
            "Hello [[CUSTOMER FIRST NAME]],\n\n"
            "we read what you wrote about [[UNIT NAME]] and would like to know more. Would you tell us "
            "[[WHAT WE NEED]]?\n\n[[AGENT FIRST NAME]], [[TEAM NAME]]"
        ),
        "prompts": {"WHAT WE NEED": "What do we have to know?"},
        "source": "social-media",
        "keywords": "social review",
    },
)
DRAFT = {
    "name": "Thank you for your praise",
    "subject": "Thank you",
    "body": "Dear [[CUSTOMER NAME]],\n\nyour words made our day.\n\n[[SIGNATURE]]",
}


def write_wording(approver: Any) -> None:
    """Responses, approved by ``approver``, signatures and macros."""
    for row in RESPONSES:
        models.ScriptedResponse.objects.create(
            **_scoped(row), state="approved", approved_by=approver, approved_at=timezone.now()
        )
    models.ScriptedResponse.objects.create(**_scoped(DRAFT), state="draft")
    models.Signature.objects.create(name="Guest relations", text=f"Kind regards,\nGuest relations\n{NAME}")
    for position, (name, steps) in enumerate(_macros().items(), start=1):
        models.Macro.objects.create(name=name, key=slugify(name), position=position, steps=steps)


def _scoped(row: dict[str, Any]) -> dict[str, Any]:
    scope: dict[str, Any] = {"topic": models.Topic, "case_type": models.CaseType, "source": models.Source}
    found = {name: model.objects.get(key=row[name]) for name, model in scope.items() if name in row}
    prompts = [{"name": name, "label": label} for name, label in row.get("prompts", {}).items()]
    return {**row, **found, "key": slugify(row["name"]), "prompts": prompts}


def _macros() -> dict[str, list[dict[str, Any]]]:
    """Name → steps; entries of lists by their primary keys, as the set-up writes them."""

    def pk(model: Any, key: str) -> int:
        return int(model.objects.get(key=key).pk)

    return {
        "Take it and say so": [
            {"action": "assign_me"},
            {"action": "response", "response": "we-are-looking-into-it"},
        ],
        "Housekeeping: apologise": [
            {"action": "set_topic", "topic": pk(models.Topic, "room-cleanliness")},
            {"action": "tag", "add": [pk(models.Tag, "housekeeping")], "remove": []},
            {"action": "response", "response": "a-room-that-was-not-clean"},
        ],
        "Explained on the phone": [
            {"action": "assign_me"},
            {"action": "tag", "add": [pk(models.Tag, "communication")], "remove": []},
            {
                "action": "resolve",
                "closure_reason": pk(models.ClosureReason, "explained"),
                "method": pk(models.ResolutionMethod, "information-given"),
                "channel": pk(models.CloseChannel, "phone"),
                "subject": None,
                "note": "Called the guest and explained what happened.",
            },
        ],
    }
