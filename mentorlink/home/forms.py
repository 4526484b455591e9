"""Forms of the first pages."""

from mentorlink.core.forms import Check, Choice, Choices, HouseForm, TextBlock, TextLine
from mentorlink.core.i18n import lazy


class ReturnForm(HouseForm):
    reference = TextLine(lazy("受付番号"), 20, required=True)
    contact = TextLine(lazy("お申し込みのときの、メールアドレスか電話番号"), 320, required=True)


class ShowcaseForm(HouseForm):
    """Made-up fields for the page that shows every component."""

    display_name = TextLine(
        lazy("呼ばれたいお名前"), 30, required=True, description=lazy("ニックネームで大丈夫です")
    )
    contact = Choice(
        lazy("連絡の方法"),
        choices=[("mail", lazy("メール")), ("phone", lazy("電話"))],
        description=lazy("どれか一つで大丈夫です"),
    )
    themes = Choices(
        lazy("やってみたいこと"),
        choices=[("salon", lazy("居場所・サロン")), ("food", lazy("子ども食堂・食の支援"))],
        most=3,
    )
    story = TextBlock(lazy("いま思っていること"), 2000)
    safe_contact = Check(lazy("件名を目立たなくする"))
