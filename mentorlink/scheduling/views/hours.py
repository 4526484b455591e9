"""Pages about hours: choosing one, the meeting itself for both sides, and the months of a half-year."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from mentorlink.accounts.limits import buckets_for, count_attempt
from mentorlink.core.audit import record
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict
from mentorlink.core.i18n import gettext, lazy
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements.models import Engagement, Side
from mentorlink.engagements.policies import Seat as EngagementSeat
from mentorlink.scheduling import clocks, forms, policies, queries, services, shown, shown_hour
from mentorlink.scheduling.models import Meeting, OfferState, SlotOffer
from mentorlink.scheduling.policies import Seat
from mentorlink.scheduling.queries.hours.still import move_of
from mentorlink.scheduling.views.blueprint import bp

CHOOSE_ONE = lazy("日にちをひとつえらんでください。")
MOVED_MEANWHILE = lazy(
    "お相手か事務局が、ひと足先に日時を変えていました。上の予定を見てから、もう一度えらんでください。"
)
NEAR = timedelta(hours=3)  # a mail may be read too late
GONE = lazy("その日にちは、ひと足先に埋まりました。")


# ---- choosing an hour


@bp.get("/my/slots/<int:offer_id>")
@allow(policies.choosable_offer)
def show_slots(offer: SlotOffer) -> Any:
    if offer.state is not OfferState.OPEN:
        current = queries.open_offer(db(), offer.engagement_id)
        if current is not None:
            return redirect(url_for(".show_slots", offer_id=current.id), code=303)
    elif not offer.slots:
        return redirect(url_for(".show_near_hours", engagement_id=offer.engagement_id), code=303)
    return _slots_page(offer)


@bp.post("/my/slots/<int:offer_id>/choice")
@allow(policies.choosable_offer)
def create_choice(offer: SlotOffer) -> Any:
    slot = forms.chosen_slot(offer, request.form)
    if slot is None:
        return _slots_page(offer, fault=gettext(CHOOSE_ONE)), 422
    try:
        with transaction(db()):
            meeting = services.choose_slot(db(), offer, slot, by=actor().name_in_history, now=now())
            _count_office_act("choose_slot", offer)
    except Conflict:
        return _fresh_slots(offer), 409
    flash(gettext("日にちが決まりました。お知らせをお送りします。"))
    return redirect(url_for(".show_meeting", meeting_id=meeting.id), code=303)


@bp.get("/my/slots/<int:offer_id>/replacement")
@allow(policies.choosable_offer)
def show_replacement(offer: SlotOffer) -> Any:
    return _times_page(offer)


@bp.post("/my/slots/<int:offer_id>/replacement")
@allow(policies.choosable_offer)
def create_replacement(offer: SlotOffer) -> Any:
    """Other hours; where there are none yet, those of now stay, until somebody lets them go for the nearest ones."""
    lets_go, parts = forms.single(request.form, "let_go") == "yes", forms.ticked_times(request.form)
    if parts is None:
        return _times_page(offer, fault=gettext("この中からえらんでください。")), 422
    by = actor().name_in_history
    with transaction(db()):
        if not lets_go:
            services.answer_times(db(), offer.engagement.application, parts)
        fresh = services.replace_offer(
            db(), offer, by=by, now=now(), other_hours=True, keeps=not lets_go, announce=False
        )
        _count_office_act("replace_offer", offer)
    if fresh.id == offer.id:
        return redirect(url_for(".show_slots", offer_id=offer.id, others="none"), code=303)
    if fresh.slots:
        flash(gettext("新しい候補です。前の候補は、お相手にお返ししました。"))
    return redirect(url_for(".show_slots", offer_id=fresh.id), code=303)


@bp.post("/my/slots/<int:offer_id>/call")
@allow(policies.choosable_offer)
def create_call(offer: SlotOffer) -> Any:
    application_id, is_known = offer.engagement.application_id, bool(offer.engagement.recipient.phone)
    with transaction(db()):
        services.ask_for_call(db(), offer, now=now())
        _count_office_act("ask_for_call", offer)
    if not is_known:
        flash(gettext("お電話番号を教えてください。平日の10時〜17時のあいだに、事務局からお電話します。"))
        return redirect(f"/my/applications/{application_id}/contact", code=303)
    flash(gettext("事務局からお電話します。平日の10時〜17時のあいだにおかけします。"))
    return redirect(url_for(".show_slots", offer_id=offer.id), code=303)


def _slots_page(offer: SlotOffer, **more: Any) -> str:
    page = shown.offer_page(db(), offer, now())
    return render_template("scheduling/slots.html", by_office=actor().is_office, **page, **more)


def _fresh_slots(offer: SlotOffer) -> str:
    """The hour is gone: others at once, as often as a person would ask for them."""
    with transaction(db()):
        buckets = buckets_for("booking", f"application:{offer.engagement.application_id}")
        if not count_attempt(db(), buckets, now=now()):
            abort(429)
        by = actor().name_in_history
        fresh = services.replace_offer(db(), offer, by=by, now=now(), announce=False)
    return _slots_page(fresh, is_gone=True)


def _times_page(offer: SlotOffer, **more: Any) -> str:
    ticked = [f"{time.weekday}:{time.part.value}" for time in offer.engagement.application.times]
    rows = [(str(weekday), gettext(word)) for weekday, word in enumerate(forms.WEEKDAYS)]
    columns = [(part.value, gettext(word)) for part, word in forms.PARTS]
    return render_template(
        "scheduling/times.html",
        offer=offer,
        by_office=actor().is_office,
        ticked=ticked,
        rows=rows,
        columns=columns,
        **more,
    )


# ---- a meeting


@bp.get("/meetings/<int:meeting_id>")
@allow(policies.seat_at_meeting)
def show_meeting(seat: Seat) -> Any:
    page = shown.meeting_page(db(), seat.meeting, seat.side, now())
    return render_template("scheduling/meeting.html", **page)


@bp.get("/meetings/<int:meeting_id>/change")
@allow(policies.movable_seat)
def show_change(seat: Seat) -> Any:
    return _change_page(seat)


@bp.post("/meetings/<int:meeting_id>/change")
@allow(policies.movable_seat)
def create_change(seat: Seat) -> Any:
    starts = shown.starts_to_choose_from(db(), seat, now())
    start, sequence = forms.chosen_start(request.form, starts), forms.shown_sequence(request.form)
    if start is None:
        return _change_again(seat, sequence)
    by, at = actor().name_in_history, now()
    try:
        with transaction(db()):
            services.move_meeting(db(), seat.meeting, start, by=by, side=seat.side, now=at, sequence=sequence)
            _count_office_act("move_meeting", seat.meeting)
    except Conflict:
        return _change_again(seat, sequence)
    flash(gettext("日時を変えました。お相手にもお知らせします。"))
    return _to_meeting(seat)


@bp.post("/meetings/<int:meeting_id>/hour")
@allow(policies.movable_seat)
def create_typed_change(seat: Seat) -> Any:
    """The hour of the change as somebody wrote it."""
    form = _typed_form(seat)
    sequence, by, at = forms.shown_sequence(request.form), actor().name_in_history, now()
    if not form.is_clear or form.start is None:
        return _change_page(seat, hour=form), 422
    try:
        with transaction(db()):
            services.move_meeting(
                db(), seat.meeting, form.start, by=by, side=seat.side, now=at, sequence=sequence
            )
            _count_office_act("move_meeting", seat.meeting)
    except Conflict:
        return _typed_again(seat, form, sequence)
    flash(gettext("日時を変えました。お相手にもお知らせします。"))
    return _to_meeting(seat)


@bp.get("/meetings/<int:meeting_id>/cancellation")
@allow(policies.movable_seat)
def show_cancellation(seat: Seat) -> Any:
    is_soon = seat.meeting.starts_at - now() < NEAR
    return render_template("scheduling/cancellation.html", is_soon=is_soon, **_about(seat))


@bp.post("/meetings/<int:meeting_id>/cancellation")
@allow(policies.movable_seat)
def create_cancellation(seat: Seat) -> Any:
    again, by = request.form.get("again") == "yes", actor().name_in_history
    with transaction(db()):
        fresh = services.cancel_meeting(
            db(), seat.meeting, side=seat.side, by=by, now=now(), offer_again=again
        )
        _count_office_act("cancel_meeting", seat.meeting)
    flash(gettext("予定を中止しました。お相手にもお知らせします。"))
    if fresh is not None and seat.side is Side.APPLICANT:
        return redirect(url_for(".show_slots", offer_id=fresh.id), code=303)
    return _to_meeting(seat)


@bp.get("/meetings/<int:meeting_id>/record")
@allow(policies.recording_seat)
def show_record(seat: Seat) -> Any:
    return render_template("scheduling/record.html", form=_record_form(seat), **_about(seat))


@bp.post("/meetings/<int:meeting_id>/record")
@allow(policies.recording_seat)
def create_record(seat: Seat) -> Any:
    form = _record_form(seat)
    if not form.validate_on_submit():
        return render_template("scheduling/record.html", form=form, **_about(seat)), 422
    by = actor().name_in_history
    with transaction(db()):
        services.record_meeting(db(), seat.meeting, **form.columns, by=by, now=now())
        if form.has_worry:
            services.report_worry(db(), seat.meeting, form.worry_note.value, by=by, now=now())
        _count_office_act("record_meeting", seat.meeting)
    flash(gettext("記録しました。ありがとうございます。"))
    return redirect(url_for("surveys.show_survey_after_record", meeting_id=seat.meeting.id), code=303)


def _record_form(seat: Seat) -> forms.RecordForm:
    return forms.RecordForm(today=local_date(now(), clocks.zone_of(seat.meeting.engagement, seat.side)))


@bp.get("/meetings/<int:meeting_id>/absence")
@allow(policies.recording_seat)
def show_absence(seat: Seat) -> Any:
    return render_template("scheduling/absence.html", form=forms.AbsenceForm(), **_about(seat))


@bp.post("/meetings/<int:meeting_id>/absence")
@allow(policies.recording_seat)
def create_absence(seat: Seat) -> Any:
    form = forms.AbsenceForm()
    if not form.validate_on_submit():
        return render_template("scheduling/absence.html", form=form, **_about(seat)), 422
    by = actor().name_in_history
    with transaction(db()):
        services.mark_no_show(db(), seat.meeting, side=form.side, by=by, now=now())
        _count_office_act("mark_no_show", seat.meeting)
    flash(gettext("わかりました。相談者に、新しい日にちの候補をお送りします。"))
    return _to_meeting(seat)


def _about(seat: Seat) -> dict[str, Any]:
    return {
        "meeting": seat.meeting,
        "side": seat.side.value,
        "zone": clocks.zone_of(seat.meeting.engagement, seat.side),
        "theirs": clocks.hours_of_other(seat.meeting, seat.side),
    }


def _change_again(seat: Seat, sequence: int | None) -> tuple[str, int]:
    """Somebody was faster, or nothing was chosen: the hour as it is now, and the choice where it is still free."""
    if sequence not in (None, seat.meeting.sequence):
        return _change_page(seat, fault=gettext(MOVED_MEANWHILE)), 409
    wanted = request.form.get("start")
    return _change_page(seat, fault=gettext(GONE if wanted else CHOOSE_ONE)), 409 if wanted else 422


def _change_page(seat: Seat, hour: forms.HourForm | None = None, **more: Any) -> str:
    starts, about = shown.starts_to_choose_from(db(), seat, now()), _about(seat)
    chosen = forms.chosen_start(request.form, starts) if hour is None else None
    other = clocks.other_zone(seat.meeting.engagement, seat.side)
    options = shown.change_options(seat.meeting, starts, about["zone"], chosen, other)
    chosen_value = chosen.isoformat() if chosen else None
    engagement = seat.meeting.engagement
    parts = shown_hour.hour_parts(engagement, seat.side, hour or shown_hour.empty_form(engagement, seat.side))
    return render_template(
        "scheduling/change.html", options=options, chosen=chosen_value, **parts, **about, **more
    )


def _typed_form(seat: Seat) -> forms.HourForm:
    meeting = seat.meeting
    return shown_hour.consider(db(), meeting.engagement, seat.side, request.form, now=now(), moving=meeting)


def _typed_again(seat: Seat, form: forms.HourForm, sequence: int | None) -> Any:
    if form.start == seat.meeting.starts_at:  # sent a second time
        return _to_meeting(seat)
    if sequence not in (None, seat.meeting.sequence):
        return _change_page(seat, hour=form, fault=gettext(MOVED_MEANWHILE)), 409
    move, engagement = move_of(seat.meeting, seat.side), seat.meeting.engagement
    left = shown_hour.taken_meanwhile(db(), engagement, form, now=now(), move=move)
    return _change_page(seat, hour=left), 409


@bp.post("/meetings/<int:meeting_id>/number")
@allow(policies.seat_without_number)
def create_number(seat: Seat) -> Any:
    form = forms.NumberForm()
    if not form.validate_on_submit() or form.phone.value is None:
        page = shown.meeting_page(db(), seat.meeting, seat.side, now(), form)
        return render_template("scheduling/meeting.html", **page), 422
    with transaction(db()):
        services.give_number(db(), seat.meeting.engagement, form.phone.value, now=now())
        _count_office_act("give_number", seat.meeting)
    flash(gettext("お電話番号をうけとりました。ありがとうございます。"))
    return _to_meeting(seat)


def _to_meeting(seat: Seat) -> Any:
    return redirect(url_for(".show_meeting", meeting_id=seat.meeting.id), code=303)


def _count_office_act(verb: str, row: Meeting | SlotOffer) -> None:
    """Office acts are how office minutes are measured."""
    if actor().is_office:
        record(db(), actor(), verb, f"application:{row.engagement.application_id}", now=now())


# ---- the months of a half-year


@bp.get("/engagements/<int:engagement_id>/talks")
@allow(policies.seat_at_talks)
def show_talks(seat: EngagementSeat) -> Any:
    return _plan_page(seat, forms.PlanForm.of(queries.plan_months(db(), seat.engagement, now=now())))


@bp.post("/engagements/<int:engagement_id>/talks")
@allow(policies.seat_at_talks)
def create_talks(seat: EngagementSeat) -> Any:
    form = forms.PlanForm.read(request.form, queries.plan_months(db(), seat.engagement, now=now()))
    if not form.is_complete:
        return _plan_page(seat, form), 409 if form.is_stale else 422
    try:
        with transaction(db()):
            talks = services.plan_talks(
                db(), seat.engagement, form.starts, by=actor().name_in_history, **_at(seat)
            )
            _count_office_act("plan_talks", talks[0])
    except services.TalksTaken as taken:
        return _plan_page(seat, form.without(taken.starts)), 409
    flash(gettext("日にちが決まりました。全部の日にちを、1通でお知らせします。"))
    return redirect(url_for(".show_talks", engagement_id=seat.engagement.id), code=303)


@bp.get("/my/applications/<int:application_id>/talks")
@allow(policies.own_half_year)
def show_own_talks(engagement: Engagement) -> Any:
    """Where the applicant's mails lead: their link knows the application."""
    return redirect(url_for(".show_talks", engagement_id=engagement.id), code=303)


def _plan_page(seat: EngagementSeat, form: forms.PlanForm) -> str:
    return render_template("scheduling/talks.html", **shown.plan_page(db(), seat, form, now()))


def _at(seat: EngagementSeat) -> dict[str, Any]:
    return {"side": seat.side, "now": now()}
