"""What a session remembers comes back as it was."""

from flask import Response
from markupsafe import Markup

from mentorlink.core.web_session import ServerSession


def test_a_flashed_sentence_keeps_its_ruby_and_a_text_stays_a_text(app):
    sessions = app.session_interface
    with app.test_request_context():
        kept = ServerSession(
            {"_flashes": [["message", Markup("<ruby>記録<rt>きろく</rt></ruby>")]]}, None, None
        )
        kept["typed"] = "<b>"
        kept.modified = True
        answer = Response()
        sessions.save_session(app, kept, answer)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    with app.test_request_context(headers={"Cookie": cookie}) as context:
        found = sessions.open_session(app, context.request)
    sentence = found["_flashes"][0][1]
    assert isinstance(sentence, Markup)
    assert sentence == "<ruby>記録<rt>きろく</rt></ruby>"
    assert not isinstance(found["typed"], Markup)
