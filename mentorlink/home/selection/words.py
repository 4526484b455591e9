"""How a selection is put into words for the office."""

from mentorlink.applications.models import ReviewState
from mentorlink.applications.spread import Agreement
from mentorlink.core.i18n import mark
from mentorlink.home.selection.table import Order

AGREEMENT_WORDS = {
    Agreement.TOGETHER: mark("よく合っています"),
    Agreement.SOMEWHAT: mark("少し分かれています"),
    Agreement.APART: mark("大きく分かれています"),
}
AGREEMENT_KINDS = {Agreement.TOGETHER: "ok", Agreement.SOMEWHAT: "wait", Agreement.APART: "late"}
REVIEW_WORDS = {
    ReviewState.ASKED: mark("これから"),
    ReviewState.SUBMITTED: mark("出しました"),
    ReviewState.BARRED: mark("関わりがあり、外れています"),
}
ORDER_WORDS = {
    Order.APART: mark("意見が分かれている順"),
    Order.MEAN: mark("平均の高い順"),
    Order.ARRIVAL: mark("届いた順"),
}
REASONS = (
    mark("これまでの歩みと、これからの形がよく伝わりました。"),
    mark("ごいっしょしたい気持ちは同じです。席があきしだい、お声をかけます。"),
    mark("思いがよく伝わりました。まずは60分のお話しで、次の一歩をいっしょに見つけませんか。"),
    mark("いまの様子には、仲間や場所をさがすお手伝いが、先に役に立ちそうです。"),
)
