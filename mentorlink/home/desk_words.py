"""What the desk calls its queues and flags; a template or a figure looks them up by their codes."""

from collections.abc import Mapping

from mentorlink.core.i18n import mark

QUEUE_WORDS: Mapping[str, str] = {
    "late": mark("期限を過ぎた"),
    "answer": mark("お返事待ち"),
    "hour": mark("日にち未定"),
    "record": mark("記録待ち"),
    "watch": mark("見守り"),
    "new": mark("新しい申込"),
    "search": mark("お相手さがし"),
}
FLAG_WORDS: Mapping[str, str] = {
    "crisis": mark("急いで様子を見たいことば"),
    "concern": mark("困りごとの知らせ"),
    "worry": mark("講師からの気がかり"),
    "absences": mark("お忙しいのかもしれません（お会いできない日が続いています）"),
    "silence": mark("30日のあいだ、動きがありません"),
    "heavy": mark("重いお話しのあとです。講師に声をかけてください"),
    "change": mark("お相手を変えたいという声です"),
}
