"""Who may use which route: one line for each, read by tests/test_permissions.py.

The kinds of visitors: nobody (anonymous), applicant (account), application (entry link), supporter (account),
invitation, meeting, target (entry links), office, lead, admin. ``EVERYBODY`` routes carry no personal row. Who is
named gets in with what is theirs; the office gets in with every row; everything else is 404 (nobody: sign in).
"""

VISITORS = (
    "nobody",
    "applicant",
    "application",
    "supporter",
    "invitation",
    "meeting",
    "target",
    "office",
    "lead",
    "admin",
)
EVERYBODY = "everybody"
OFFICE = "office lead"
APPLICANT = "applicant application"
ACCOUNTS = "applicant supporter office lead admin"
SUPPORTER = "supporter"
INVITED = "supporter invitation"
AT_MEETING = f"{APPLICANT} supporter meeting {OFFICE}"
SUPPORTING = f"supporter meeting {OFFICE}"
CHOOSING = f"{APPLICANT} {OFFICE}"
BOTH_SIDES = f"{APPLICANT} supporter"
IN_THREAD = f"{BOTH_SIDES} meeting {OFFICE}"
ASKED = f"{APPLICANT} target {OFFICE}"

TABLE: dict[str, str] = {
    # accounts and the frame
    "GET /static/<path:filename>": EVERYBODY,
    "GET /vendor/<path:filename>": EVERYBODY,
    "GET /sign-in": EVERYBODY,
    "POST /sign-in": EVERYBODY,
    "GET /sign-in/link": EVERYBODY,
    "POST /sign-in/link": EVERYBODY,
    "POST /sign-out": EVERYBODY,
    "GET /totp": EVERYBODY,
    "POST /totp": EVERYBODY,
    "GET /totp/setup": EVERYBODY,
    "POST /totp/setup": EVERYBODY,
    "GET /join": EVERYBODY,
    "POST /join": EVERYBODY,
    "GET /password": ACCOUNTS,
    "POST /password": ACCOUNTS,
    "POST /preferences": EVERYBODY,
    "GET /e/<token>": EVERYBODY,
    "POST /e/<token>": EVERYBODY,
    # home
    "GET /": EVERYBODY,
    "GET /help": EVERYBODY,
    "GET /components": EVERYBODY,
    "POST /exit": EVERYBODY,
    "GET /return": EVERYBODY,
    "POST /return": EVERYBODY,
    "GET /my": APPLICANT,
    "GET /my/consents": APPLICANT,
    "POST /my/consents/<purpose>": APPLICANT,
    "GET /my/consents/<purpose>/withdrawal": APPLICANT,
    "POST /my/consents/<purpose>/withdrawal": APPLICANT,
    "GET /my/applications/<int:application_id>/contact": APPLICANT,
    "POST /my/applications/<int:application_id>/contact": APPLICANT,
    "GET /my/applications/<int:application_id>/withdrawal": APPLICANT,
    "POST /my/applications/<int:application_id>/withdrawal": APPLICANT,
    "POST /my/applications/<int:application_id>/again": APPLICANT,
    "POST /my/questions/<int:question_id>/answer": APPLICANT,
    "GET /supporter": SUPPORTER,
    "GET /office": OFFICE,
    "GET /office/calls": OFFICE,
    "GET /office/calls/<int:message_id>": OFFICE,
    "POST /office/calls/<int:message_id>/completion": OFFICE,
    "POST /office/calls/<int:message_id>/postponement": OFFICE,
    "POST /office/engagements/<int:engagement_id>/offer": OFFICE,
    "GET /office/flags": OFFICE,
    "POST /office/flags/<int:flag_id>/resolution": OFFICE,
    "GET /office/messages": OFFICE,
    "POST /office/messages/<int:message_id>/retry": OFFICE,
    "POST /office/messages/<int:message_id>/stop": OFFICE,
    # people
    "GET /supporter/profile": SUPPORTER,
    "POST /supporter/profile": SUPPORTER,
    "GET /supporter/pause": SUPPORTER,
    "POST /supporter/pause": SUPPORTER,
    # applications
    "GET /apply": EVERYBODY,
    "POST /apply/<code>": EVERYBODY,
    "GET /apply/screens/<int:screen>": EVERYBODY,
    "POST /apply/screens/<int:screen>": EVERYBODY,
    "POST /apply/autosave/<int:screen>": EVERYBODY,
    "GET /apply/thanks": EVERYBODY,
    "GET /office/applications": OFFICE,
    "POST /office/applications": OFFICE,
    "GET /office/applications/new": OFFICE,
    "GET /office/applications/<int:application_id>": OFFICE,
    "POST /office/applications/<int:application_id>/calls": OFFICE,
    "POST /office/applications/<int:application_id>/decision": OFFICE,
    "POST /office/applications/<int:application_id>/matching": OFFICE,
    "POST /office/applications/<int:application_id>/question": OFFICE,
    "POST /office/applications/<int:application_id>/referral": OFFICE,
    "POST /office/applications/<int:application_id>/reopening": OFFICE,
    "GET /office/applications/<int:application_id>/withdrawal": OFFICE,
    "POST /office/applications/<int:application_id>/withdrawal": OFFICE,
    "GET /office/imports": OFFICE,
    "POST /office/imports": OFFICE,
    "GET /office/imports/<int:batch_id>": OFFICE,
    "POST /office/imports/<int:batch_id>": OFFICE,
    # matching
    "GET /invitations/<int:invitation_id>": INVITED,
    "GET /invitations/<int:invitation_id>/acceptance": INVITED,
    "POST /invitations/<int:invitation_id>/acceptance": INVITED,
    "GET /invitations/<int:invitation_id>/decline": INVITED,
    "POST /invitations/<int:invitation_id>/decline": INVITED,
    "GET /invitations/<int:invitation_id>/talk": INVITED,
    "POST /invitations/<int:invitation_id>/talk": INVITED,
    "GET /office/applications/<int:application_id>/candidates": OFFICE,
    "POST /office/applications/<int:application_id>/proposal": OFFICE,
    "POST /office/invitations/<int:invitation_id>/acceptance": OFFICE,
    "POST /office/invitations/<int:invitation_id>/resumption": OFFICE,
    "GET /office/proposals/<int:proposal_id>": OFFICE,
    "POST /office/proposals/<int:proposal_id>/next": OFFICE,
    "POST /office/proposals/<int:proposal_id>/withdrawal": OFFICE,
    # scheduling
    "GET /meetings/<int:meeting_id>": AT_MEETING,
    "GET /meetings/<int:meeting_id>/change": AT_MEETING,
    "POST /meetings/<int:meeting_id>/change": AT_MEETING,
    "GET /meetings/<int:meeting_id>/cancellation": AT_MEETING,
    "POST /meetings/<int:meeting_id>/cancellation": AT_MEETING,
    "GET /meetings/<int:meeting_id>/record": SUPPORTING,
    "POST /meetings/<int:meeting_id>/record": SUPPORTING,
    "GET /meetings/<int:meeting_id>/absence": SUPPORTING,
    "POST /meetings/<int:meeting_id>/absence": SUPPORTING,
    "GET /my/slots/<int:offer_id>": CHOOSING,
    "POST /my/slots/<int:offer_id>/choice": CHOOSING,
    "GET /my/slots/<int:offer_id>/replacement": CHOOSING,
    "POST /my/slots/<int:offer_id>/replacement": CHOOSING,
    "POST /my/slots/<int:offer_id>/call": CHOOSING,
    "GET /supporter/availability": SUPPORTER,
    "POST /supporter/availability": SUPPORTER,
    # engagements
    "GET /engagements/<int:engagement_id>/thread": IN_THREAD,
    "POST /engagements/<int:engagement_id>/messages": IN_THREAD,
    "GET /engagements/<int:engagement_id>/concern": f"{BOTH_SIDES} meeting",
    "POST /engagements/<int:engagement_id>/concern": f"{BOTH_SIDES} meeting",
    "GET /engagements/<int:engagement_id>/again": f"{APPLICANT} target",
    "POST /engagements/<int:engagement_id>/again": f"{APPLICANT} target",
    # surveys
    "GET /meetings/<int:meeting_id>/survey": AT_MEETING,
    "GET /surveys/<int:target_id>": ASKED,
    "POST /surveys/<int:target_id>": ASKED,
    "POST /surveys/<int:target_id>/talk": f"{APPLICANT} target",
    "POST /surveys/<int:target_id>/wish": f"{APPLICANT} target",
    # outcomes
    "GET /office/figures": OFFICE,
    "GET /office/figures/<code>": OFFICE,
    "GET /office/figures/<code>/<key>": OFFICE,
}
