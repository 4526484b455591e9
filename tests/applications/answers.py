"""What a person answers on each screen, as a browser sends it and as services take it."""

from mentorlink.applications.answers import IntakeAnswers

CONTACT = {"display_name": "はな", "contact_channel": "mail", "email": "hana@example.org"}
PLACE = {"prefecture": "09", "city": "大田原市", "stage": "02"}
THEMES = {"themes": ["01"], "targets": ["02"]}
STORY = {"main_category": "06", "other_categories": ["05"], "story": "空き家があります。"}
TALK = {"modes": ["online"], "times": ["1:evening", "3:evening"], "preferences": ["any"]}
CONSENTS = {"personal_data": "y", "share_with_supporter": "y", "statistics": "y"}
SCREENS = {1: CONTACT, 2: PLACE, 3: THEMES, 4: STORY, 5: TALK, 6: CONSENTS}

COMPLETE = IntakeAnswers(
    display_name="はな",
    contact_channel="mail",
    email="hana@example.org",
    prefecture="09",
    stage="02",
    themes=("01",),
    categories=("06", "05"),
    modes=("online",),
    times=((1, "evening"),),
    story="空き家があります。",
)
