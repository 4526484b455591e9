"""Flask's session on server-side rows (see ``core.sessions``)."""

import json
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, Request, Response, current_app
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import CallbackDict

from mentorlink.core.db import transaction
from mentorlink.core.sessions import LIFETIME, WebSession, find_session, hash_token, new_token


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """What the browser's row holds. Identity is set by ``sign_in`` and ``enter_scope`` only."""

    def __init__(self, data: dict[str, Any], token: str | None, row: WebSession | None):
        super().__init__(data, self._touch)
        self.token = token
        self.modified = False
        self.accessed = False
        self.user_id = row.user_id if row else None
        self.scope = (row.scope_concept, row.scope_id) if row and row.scope_concept else None
        self.lifetime: timedelta = LIFETIME
        self.fresh_token_wanted = False
        self.is_stored = True
        self.problem: Exception | None = None

    def _touch(self, _self: Any) -> None:
        self.modified = True

    def sign_in(self, user_id: int, lifetime: timedelta) -> None:
        """Take this user's identity; the token is changed, and nothing of the visitor before stays."""
        self.clear()
        self.user_id, self.scope, self.lifetime = user_id, None, lifetime
        self.fresh_token_wanted = self.modified = True

    def enter_scope(self, concept: str, row_id: int, lifetime: timedelta) -> None:
        self.clear()
        self.user_id, self.scope, self.lifetime = None, (concept, row_id), lifetime
        self.fresh_token_wanted = self.modified = True

    def leave(self) -> None:
        self.clear()
        self.user_id = self.scope = None
        self.modified = True

    def stay_visitor(self, **data: Any) -> None:
        """Half-way in: what was there before is gone, the token changes, and nobody is known yet."""
        self.leave()
        self.update(data)
        self.fresh_token_wanted = True

    def do_not_store(self) -> None:
        """For an answer given while the database is away."""
        self.is_stored = False


def _unreachable(problem: DBAPIError) -> ServerSession:
    """The database is away: raised again by the first guard, where an error page can be made."""
    session = ServerSession({}, None, None)
    session.do_not_store()
    session.problem = problem
    return session


class ServerSessions(SessionInterface):
    """Loads one row per request that brings a cookie; writes only what changed."""

    def cookie_name(self, app: Flask) -> str:
        return "__Host-mentorlink" if app.config["SECURE"] else "mentorlink"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        token = request.cookies.get(self.cookie_name(app))
        if not token:
            return ServerSession({}, None, None)
        try:
            with app.extensions["sessions"]() as db:
                row = find_session(db, token, app.extensions["clock"]())
        except DBAPIError as problem:
            return _unreachable(problem)
        return ServerSession(_unpacked(row.data), token, row) if row else ServerSession({}, None, None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        session = cast(ServerSession, session)
        response.vary.add("Cookie")
        if not session.modified or not session.is_stored:
            return
        now = current_app.extensions["clock"]()
        empty = not session and session.user_id is None and session.scope is None
        with app.extensions["sessions"]() as db, transaction(db):
            if session.token and (session.fresh_token_wanted or empty):
                db.execute(delete(WebSession).where(WebSession.token_hash == hash_token(session.token)))
            if empty:
                response.delete_cookie(
                    self.cookie_name(app), path="/", secure=app.config["SECURE"], httponly=True
                )
                return
            token = self._store(db, session, now)
        self._set_cookie(app, response, token, session)

    def _store(self, db: Any, session: ServerSession, now: datetime) -> str:
        row = (
            None if session.fresh_token_wanted or not session.token else find_session(db, session.token, now)
        )
        if row is not None:
            row.data = _packed(session)
            return session.token or ""
        if session.token and not session.fresh_token_wanted:
            # The row was ended meanwhile (signed out elsewhere): its identity must not come back to life.
            session.user_id = session.scope = None
        token = new_token()
        concept, row_id = session.scope or (None, None)
        db.add(
            WebSession(
                token_hash=hash_token(token),
                user_id=session.user_id,
                scope_concept=concept,
                scope_id=row_id,
                data=_packed(session),
                created_at=now,
                expires_at=now + session.lifetime,
            )
        )
        return token

    def _set_cookie(self, app: Flask, response: Response, token: str, session: ServerSession) -> None:
        response.set_cookie(
            self.cookie_name(app),
            token,
            max_age=int(session.lifetime.total_seconds()),
            secure=app.config["SECURE"],
            httponly=True,
            samesite="Lax",
            path="/",
        )


def _packed(session: ServerSession) -> dict[str, Any]:
    """As JSON that still tells markup, such as the ruby of a flashed sentence, from text."""
    packed: dict[str, Any] = json.loads(_TAGGED.dumps(dict(session)))
    return packed


def _unpacked(data: dict[str, Any]) -> dict[str, Any]:
    return dict(_TAGGED.loads(json.dumps(data)))


_TAGGED = TaggedJSONSerializer()
