"""What people read where a rule of the domain said no: code → sentence. A test finds every code in the source."""

from mentorlink.core.i18n import mark

FALLBACK = mark("いまの様子では、その操作に進めませんでした。画面をひらきなおして、もう一度お試しください。")

MESSAGES: dict[str, str] = {
    # accounts
    "email_taken": mark("このメールアドレスの方は、もうご登録があります。"),
    "password_short": mark("合言葉は10文字以上でお願いします。長い文でも大丈夫です。"),
    "password_long": mark("合言葉は200文字までです。少し短くしていただけますか。"),
    # people
    "contact_missing": mark("ご連絡先を一つ教えてください。"),
    "consent_required": mark(
        "この同意は、お相手をさがすために必要です。取り消すときは、お申し込みの取り下げからお願いします。"
    ),
    "pause_in_past": mark("お休みの終わりは、きょう以降の日付でお願いします。"),
    # matching
    "nobody_chosen": mark("声をかける方に、番号をつけてください。"),
    "chosen_twice": mark("同じ方が二度えらばれています。"),
    "same_place": mark("同じ番号が二つあります。順番が分かるようにつけてください。"),
    "cannot_be_asked": mark("えらんだ方の中に、いま声をかけられない方がいます。一覧を見直してください。"),
    "proposal_open": mark("この申込には、いま打診中のものがあります。"),
    "proposal_closed": mark("この打診は、もう終わっています。"),
    "invitation_closed": mark("この打診は、もう終わっています。何もしていただくことはありません。"),
    "month_full": mark("今月お引き受けできる件数に達しています。件数はプロフィールで変えられます。"),
    # scheduling
    "slot_gone": mark("その日にちは、ひと足先に埋まりました。ほかの日にちから、もう一度えらんでください。"),
    "offer_closed": mark("日にちは、もう決まっています。変えたいときは、予定のページからお願いします。"),
    "engagement_not_running": mark("いまはお休み中か、終わったご相談のため、日にちを決められません。"),
    "meeting_in_the_past": mark("その時間は、もう過ぎています。これからの日にちをえらんでください。"),
    "meeting_not_moved": mark("はじまったあとの予定や、中止になった予定は、変えられません。"),
    "meeting_not_cancelled": mark("はじまったあとの予定や、中止になった予定は、ここからは中止にできません。"),
    "meeting_not_begun": mark("まだはじまっていません。はじまったあとに、もう一度お願いします。"),
    "meeting_not_held": mark("この予定は、もう記録がすんでいるか、中止になっています。"),
    "meeting_not_no_show": mark("この予定は、もう記録がすんでいるか、中止になっています。"),
    "window_not_possible": mark("時間は30分きざみで、「まで」は「から」より後にしてください。"),
    # everywhere
    "changed_meanwhile": mark(
        "ほかの画面で、内容が新しくなっていました。いまの様子を見てから、もう一度えらんでください。"
    ),
}


def message_of(code: str) -> str:
    """The message id of a code; a general sentence for one that nobody wrote words for."""
    return MESSAGES.get(code, FALLBACK)
