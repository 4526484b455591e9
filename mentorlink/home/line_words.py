"""What is said in the chat of LINE: kind, short, and nothing about anybody."""

from mentorlink.applications.crisis import Helpline
from mentorlink.core.i18n import plain
from mentorlink.people.line import Linking


def words_of_welcome() -> str:
    return plain(
        "友だちに追加してくださって、ありがとうございます。"
        "ページに出ている8文字の番号を、ここに送ってください。"
    )


def words_of_leaving() -> str:
    return plain(
        "LINEでのお知らせを、やめました。これからは、メールかお電話でお知らせします。"
        "また始めるときは、ご自分のページから、いつでもどうぞ。"
    )


def words_of_linking(linking: Linking, phone: str) -> str:
    """Wrong, run out and used codes are answered alike."""
    if linking in (Linking.DONE, Linking.AGAIN):
        return plain(
            "つながりました。日にちのお知らせなどを、ここにお送りします。ご相談の中身は、LINEには書きません。"
        )
    if linking is Linking.TAKEN:
        return plain(
            "このLINEは、もう別のお申し込みにつながっています。つなぎ直すときは、先に「停止」と送ってから、"
            "番号をもう一度送ってください。お電話でもお手伝いします: %(phone)s",
            phone=phone,
        )
    if linking is Linking.SLOW_DOWN:
        return plain(
            "番号を続けてお送りいただいたので、15分ほど休ませてください。お電話でもお手伝いします: %(phone)s",
            phone=phone,
        )
    return plain(
        "この番号では、つながりませんでした。番号は30分で新しくなります。"
        "ページで新しい番号を出して、もう一度お送りください。お電話でもお手伝いします: %(phone)s",
        phone=phone,
    )


def nobody_reads_this(phone: str, lines: tuple[Helpline, ...]) -> str:
    """For any other text; with where somebody listens, for whoever wrote a word of crisis."""
    words = plain(
        "ありがとうございます。ごめんなさい、ここに書かれたことは、人は読んでいません。"
        "ご用のときは、お電話ください: %(phone)s",
        phone=phone,
    )
    if not lines:
        return words
    found = [f"{line.name} {line.phone} {line.hours}" for line in lines]
    return "\n".join([words, "", plain("いま、つらいときは、すぐに話を聞いてくれる窓口があります。"), *found])
