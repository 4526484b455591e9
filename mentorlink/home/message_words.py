"""What the office calls each message, by the folder of its template."""

from collections.abc import Mapping

from mentorlink.core.i18n import mark

MESSAGE_WORDS: Mapping[str, str] = {
    "accounts/join": mark("登録のご案内"),
    "accounts/return": mark("続きからの入口"),
    "accounts/sign_in": mark("サインインの入口"),
    "applications/confirm_contact": mark("連絡先の確認"),
    "applications/draft_left": mark("下書きのお知らせ"),
    "applications/flag_raised": mark("見守りのお知らせ"),
    "applications/not_selected": mark("これからのご案内"),
    "applications/question": mark("一つだけの質問"),
    "applications/receipt": mark("受付のお知らせ"),
    "applications/selected": mark("採択のお知らせ"),
    "applications/selection_receipt": mark("選考つきの受付のお知らせ"),
    "applications/withdrawn": mark("取り下げの確認"),
    "core/desk": mark("今日の仕事のお知らせ"),
    "engagements/concern": mark("困りごとの知らせ"),
    "engagements/new_message": mark("新しいことばのお知らせ"),
    "matching/honest_word": mark("もう少し時間をください"),
    "matching/invitation": mark("打診"),
    "matching/invitation_reminder": mark("打診のあす締切"),
    "matching/invitation_settled": mark("打診の終わり"),
    "matching/talk_wanted": mark("打診について話したい"),
    "scheduling/booked": mark("日時の決定"),
    "scheduling/call_wanted": mark("電話で日にちを決めたい"),
    "scheduling/cancelled": mark("中止のお知らせ"),
    "scheduling/hours_wanted": mark("空いている時間のお願い"),
    "scheduling/in_an_hour": mark("1時間前のご案内"),
    "scheduling/missed": mark("日を改めるご案内"),
    "scheduling/moved": mark("日時の変更"),
    "scheduling/no_common_hour": mark("合う時間のご相談"),
    "scheduling/record_wanted": mark("記録のお願い"),
    "scheduling/slots_offered": mark("候補の日にち"),
    "scheduling/tomorrow": mark("あすのご案内"),
    "surveys/after_talk": mark("感想のお願い"),
    "surveys/how_are_things": mark("その後のおたずね"),
    "surveys/how_has_it_gone": mark("半年のふりかえり"),
    "surveys/reminder": mark("感想のお願い（2回目）"),
    "surveys/worry": mark("講師からの気がかり"),
}
