"""How the office reads a state; an applicant never sees these words."""

from mentorlink.applications.models import ApplicationState, FlagKind, Intake
from mentorlink.core.i18n import mark

_S = ApplicationState
STATE_WORDS = {
    _S.DRAFT: mark("下書き"),
    _S.RECEIVED: mark("受付"),
    _S.CHECKING: mark("確認中"),
    _S.ASKING: mark("追加確認"),
    _S.SELECTING: mark("選考中"),
    _S.SELECTED: mark("採択"),
    _S.NOT_SELECTED: mark("不採択"),
    _S.WAITING: mark("待機"),
    _S.MATCHING: mark("マッチング中"),
    _S.MATCHED: mark("成立"),
    _S.CLOSED: mark("終了"),
    _S.WITHDRAWN: mark("取下げ"),
    _S.REFERRED: mark("他機関へ紹介"),
}
STATE_KINDS = {
    _S.RECEIVED: "new",
    _S.ASKING: "wait",
    _S.MATCHING: "wait",
    _S.MATCHED: "ok",
    _S.SELECTED: "ok",
}
FLAG_WORDS = {
    FlagKind.CRISIS: mark("早めに見てほしいことば"),
    FlagKind.CONCERN: mark("困ったことの知らせ"),
    FlagKind.WORRY: mark("気になること"),
    FlagKind.ABSENCES: mark("お忙しいのかもしれません"),
    FlagKind.SILENCE: mark("30日、動きがない"),
    FlagKind.HEAVY: mark("重いお話しだった"),
    FlagKind.CHANGE: mark("お相手を変えたい"),
}
INTAKE_WORDS = {
    Intake.WEB: mark("ウェブ"),
    Intake.PHONE: mark("電話"),
    Intake.PAPER: mark("紙"),
    Intake.IMPORT: mark("取り込み"),
}
