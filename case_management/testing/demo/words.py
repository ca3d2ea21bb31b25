"""What the demo's customers and staff say: composed from parts, so that hundreds of cases do not read alike."""

from __future__ import annotations

import random

FIRST = (
    "Ada", "Ben", "Carla", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Liam", "Mina", "Noor",
    "Olga", "Pavel", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wim", "Yara", "Zoe",
)  # fmt: skip
LAST = (
    "Alder", "Birch", "Cedar", "Dahl", "Ebner", "Falk", "Grove", "Heath", "Ivory", "Juniper", "Keller", "Larch",
    "Meadow", "Nyland", "Oakes", "Pine", "Quill", "Rowan", "Stone", "Thorn", "Upton", "Vale", "Willow", "Yew",
)  # fmt: skip
OPENINGS = (
    "We stayed for {nights} nights and {trouble}.", "On our last visit {trouble}.", "I am sorry to say that {trouble}.",
    "Your hotel is lovely, but {trouble}.", "After a long journey we found that {trouble}.", "Once again, {trouble}.",
    "I had booked weeks ahead, yet {trouble}.", "This was my birthday treat, and {trouble}.",
)  # fmt: skip
FOLLOW_UPS = (
    "I told the front desk and nobody came back to me.", "Please call me about this.", "I expect an answer this week.",
    "It spoiled an otherwise good stay.", "The person at the desk was kind but could not help.",
    "We will think twice before we come again.", "Is this what you promise on your website?", "Photos are attached.",
    "I would like to know what you will do about it.", "A word of apology would have been enough.", "",
)  # fmt: skip
TROUBLES = {
    "room-cleanliness": (
        "the bathroom had not been cleaned",
        "there was dust under both beds",
        "the towels were stained",
    ),
    "room-noise": ("a pump hummed all night", "the bar's music went on until two", "doors slammed from five o'clock"),
    "room-temperature": ("the heating could not be turned down", "the room never got warm", "the window did not open"),
    "room-bed-and-comfort": (
        "the mattress sagged in the middle",
        "we were given two single beds",
        "there were no pillows",
    ),
    "service-check-in": ("our booking could not be found", "we queued for an hour to check in", "the key did not work"),
    "service-staff": ("nobody answered the phone", "we were spoken to rudely", "our request was forgotten twice"),
    "service-waiting-time": ("breakfast took forty minutes to arrive", "the lift was out and nobody carried the bags"),
    "food-and-drink-breakfast": (
        "the buffet was empty at nine",
        "the coffee was cold",
        "there was nothing gluten free",
    ),
    "food-and-drink-restaurant": ("the fish was raw inside", "our table had been given away", "the bill was wrong"),
    "booking-and-billing-wrong-charge": ("I was charged twice", "the minibar was billed although I took nothing"),
    "booking-and-billing-refund": ("the refund has not arrived", "the deposit was not paid back"),
    "booking-and-billing-loyalty-points": ("my points are missing", "my card's level was not honoured"),
}
NOTES = (
    "Called the customer and listened to the whole story.", "Asked the hotel for the shift report of that day.",
    "Left a message on the answering machine; will try again tomorrow.", "The hotel confirms what the customer says.",
    "Checked the booking: the dates and the rate are right.",
    "Customer sent details by mail, forwarded to the hotel manager.",
    "Spoke with the duty manager, who remembers the guest.", "The hotel promises an answer by tomorrow noon.",
)  # fmt: skip
ENDINGS = (
    "Apologised on the phone, the customer was content.", "Sent a voucher for the next stay and a letter.",
    "Agreed on a goodwill payment, paid out today.", "Explained how it came about; the customer understands.",
    "The hotel put it right and the customer was told.", "No reply after three attempts, closing for now.",
)  # fmt: skip
COMEBACKS = (
    "The customer writes that the voucher does not work.",
    "The promised call never came.",
)
URGENCY = ("The customer threatens to go to the press.", "Third complaint of this kind at this hotel this month.")
PRAISE = (
    "Everything was spotless and the welcome was warm.", "The best breakfast we have had in years.",
    "Staff remembered our names. We will be back.", "Quiet room, soft bed, kind people.",
)  # fmt: skip


def customer_name(rng: random.Random) -> str:
    """A first and a last name."""
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def complaint(topic_key: str, rng: random.Random) -> tuple[str, str]:
    """A title and what the customer wrote."""
    trouble = rng.choice(TROUBLES[topic_key])
    text = rng.choice(OPENINGS).format(nights=rng.randint(2, 9), trouble=trouble)
    more = [line for line in rng.sample(FOLLOW_UPS, rng.randint(1, 3)) if line]
    return trouble[0].upper() + trouble[1:], " ".join([text, *more])
