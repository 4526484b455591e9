"""Text as people type it: cleaned where that is harmless, questioned kindly where it is not.

Every function raises ``BadText``; ``message_for(code)`` is its sentence, to be translated with ``error.params``.
"""

import re
import unicodedata

import jaconv
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from mentorlink.core.i18n import gettext, mark

MESSAGES = {
    "nul": mark("読み取れない文字がまじっています。もう一度入力していただけますか。"),
    "surrogate": mark("読み取れない文字がまじっています。もう一度入力していただけますか。"),
    "bidi": mark("文字の向きを変える見えない記号がまじっています。もう一度入力していただけますか。"),
    "newline": mark("改行を取って、1行で入力していただけますか。"),
    "too_long": mark("%(maximum)s文字までです（いまは%(actual)s文字）。少し短くしていただけますか。"),
    "blank": mark("こちらも教えていただけますか。"),
    "two_addresses": mark("メールアドレスは一つだけ入力していただけますか。"),
    "carrier_address": mark(
        "このメールアドレスには、こちらからのメールが届かないことがあります。"
        "別のメールアドレスか、電話・LINEでのご連絡を選んでいただけますか。"
    ),
    "email": mark("メールアドレスの形を確かめていただけますか（例：hanako@example.jp）。"),
    "phone": mark("電話番号の形を確かめていただけますか（例：0226-12-3456）。"),
    "postcode": mark("郵便番号は数字7けたで入力していただけますか（例：123-4567）。"),
    "date_format": mark("日付の形を確かめていただけますか（例：2026年3月1日、令和8年3月1日）。"),
    "date_not_real": mark("その日付はカレンダーにないようです。確かめていただけますか。"),
    "date_era": mark("元号と年を確かめていただけますか（例：令和8年3月1日）。"),
    "date_out_of_range": mark("1900年から2100年までの日付を入力していただけますか。"),
    "date_weekday": mark("日にちと曜日が合っていないようです。どちらかを直していただけますか。"),
    "date_which_year": mark("年もいっしょに書いていただけますか（例：2027年3月1日）。"),
    "time_format": mark("時刻の形を確かめていただけますか（例：19:00）。"),
    "time_not_real": mark("時刻は0:00から23:59までで入力していただけますか。"),
    "time_half": mark("午前か午後か、確かめていただけますか（例：19:00、午後7時）。"),
    "time_gap": mark(
        "その地域では時計が進む日のため、その時刻がありません。前か後の時刻を選んでいただけますか。"
    ),
    "time_fold": mark(
        "その地域では時計が戻る日のため、その時刻が2回あります。どちらかを選んでいただけますか。"
    ),
}

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters by their category, nothing to the eye
_ZERO_WIDTH_JOINER = "\u200d"
_COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
_LENGTH_BEFORE_CLEANING = 4  # times the maximum: beyond that nobody meant it, and cleaning would cost time

_CARRIER_DOMAINS = (
    "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "disney.ne.jp",
    "ymobile.ne.jp", "ymobile1.ne.jp", "y-mobile.ne.jp", "willcom.com", "pdx.ne.jp", "emnet.ne.jp", "uqmobile.jp",
)  # fmt: skip
_ADDRESSES_APART = re.compile(r"[\s,;、，；]+")
_DASHES = str.maketrans(dict.fromkeys("ー‐‑‒–—―−ｰ－〜", "-"))
_PHONE = re.compile(r"\+?[\d\-() .]+")
_JAPAN = 81
_TEN_DIGIT_JAPANESE = re.compile(r"[26-9]0|50|800")  # mobile, IP and 0800 numbers, without the leading 0


class BadText(ValueError):
    """``code`` is a key of ``message_for``; ``params`` fill its placeholders (``maximum``, ``actual``)."""

    def __init__(self, code: str, **params: int):
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def message(self) -> str:
        """The sentence in the current language, as content of an element."""
        return gettext(message_for(self.code), **self.params)


def message_for(code: str) -> str:
    """The message id of a code of BadText, BadDate, TimeGap or TimeFold. Raises KeyError on any other."""
    return MESSAGES[code]


def clean_text(value: str, *, multiline: bool = False, maximum: int, required: bool = False) -> str:
    """``value`` without invisible and control characters, in NFC, with ``\\n`` for every line end.

    ``maximum`` counts code points after cleaning. Compatibility ideographs (神, 﨑) stay as typed: they are how people
    write their names. Raises BadText: ``nul``, ``surrogate``, ``bidi``, ``newline`` (unless multiline), ``too_long``
    (with ``maximum`` and ``actual``), ``blank`` (if required).
    """
    _refuse_unreadable(value)
    if len(value) > maximum * _LENGTH_BEFORE_CLEANING:
        raise BadText("too_long", maximum=maximum, actual=len(value))
    if not multiline and _LINE_END.search(value):
        raise BadText("newline")
    text = _compose(_visible(_LINE_END.sub("\n", value), keep="\n\t" if multiline else ""))
    text = text.rstrip().lstrip("\n") if multiline else text.strip()
    if len(text) > maximum:
        raise BadText("too_long", maximum=maximum, actual=len(text))
    if required and not text.strip():
        raise BadText("blank")
    return text


def to_hiragana(text: str) -> str:
    """Katakana, half-width too, as hiragana; everything else as it is."""
    return str(jaconv.kata2hira(jaconv.h2z(text, kana=True, ascii=False, digit=False)))


def normalise_email(text: str) -> str:
    """The one address in ``text``, its domain in lower case and (if international) in Unicode. DNS is not asked.

    Raises BadText: ``blank``, ``two_addresses``, ``carrier_address`` (dots that only Japanese carriers ever allowed, which
    mail servers refuse), ``email``, and what ``clean_text`` raises.
    """
    address = unicodedata.normalize("NFKC", clean_text(text, maximum=320, required=True))
    if sum("@" in part for part in _ADDRESSES_APART.split(address)) > 1:
        raise BadText("two_addresses")
    if _is_refused_carrier_address(address):
        raise BadText("carrier_address")
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise BadText("email") from None


def normalise_phone(text: str, region: str = "JP") -> str:
    """E.164 (``+81226123456``) of a number in any way of writing it. Raises BadText ``blank`` or ``phone``.

    Numbers that nobody holds pass (made-up people have them); numbers of a wrong length, 110 and 119 do not.
    """
    typed = unicodedata.normalize("NFKC", clean_text(text, maximum=50, required=True)).translate(_DASHES)
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        raise BadText("phone") from None
    if not _PHONE.fullmatch(typed) or not _has_a_real_length(number):
        raise BadText("phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(e164: str) -> str:
    """``+81226123456`` → ``0226-12-3456``; numbers of other countries as ``+1 650-253-0000``."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, style.NATIONAL if number.country_code == _JAPAN else style.INTERNATIONAL
    )


def normalise_postcode(text: str) -> str:
    """Seven digits (``1234567``) of a Japanese postcode. Raises BadText ``blank`` or ``postcode``."""
    typed = unicodedata.normalize("NFKC", clean_text(text, maximum=20, required=True)).translate(_DASHES)
    match = re.fullmatch(r"〒?\s*([0-9]{3})[-\s]*([0-9]{4})", typed)
    if match is None:
        raise BadText("postcode")
    return match[1] + match[2]


def show_postcode(postcode: str) -> str:
    """``1234567`` → ``〒123-4567``."""
    return f"〒{postcode[:3]}-{postcode[3:]}"


def _refuse_unreadable(value: str) -> None:
    if "\0" in value:
        raise BadText("nul")
    if _SURROGATE.search(value):
        raise BadText("surrogate")
    if _BIDI.search(value):
        raise BadText("bidi")


def _visible(text: str, keep: str) -> str:
    """A tab on one line parts words, so it becomes a space; joiners inside emoji stay."""
    text = text if keep else text.replace("\t", " ")
    return "".join(
        character
        for index, character in enumerate(text)
        if character in keep or not _is_invisible(character) or _joins_emoji(text, index)
    )


def _is_invisible(character: str) -> bool:
    if character in _FILLERS:
        return True
    nothing = (
        ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    )  # Unicode's noncharacters
    return nothing or unicodedata.category(character) in ("Cc", "Cf")


def _joins_emoji(text: str, index: int) -> bool:
    if text[index] != _ZERO_WIDTH_JOINER or not 0 < index < len(text) - 1:
        return False
    before, after = unicodedata.category(text[index - 1]), unicodedata.category(text[index + 1])
    return before in ("So", "Sk", "Mn") and after == "So"


def _compose(text: str) -> str:
    """NFC, which would turn compatibility ideographs into other letters: those are passed by."""
    return "".join(
        part if _COMPATIBILITY_IDEOGRAPHS.fullmatch(part) else unicodedata.normalize("NFC", part)
        for part in _COMPATIBILITY_IDEOGRAPHS.split(text)
    )


def _is_refused_carrier_address(address: str) -> bool:
    local, _, domain = address.strip().rpartition("@")
    is_carrier = any(f".{domain.lower()}".endswith(f".{carrier}") for carrier in _CARRIER_DOMAINS)
    return is_carrier and (".." in local or local.startswith(".") or local.endswith("."))


def _has_a_real_length(number: phonenumbers.PhoneNumber) -> bool:
    if number.extension:
        return False
    if number.country_code != _JAPAN:
        return phonenumbers.is_possible_number(number)
    digits = str(number.national_number)
    return len(digits) == (10 if _TEN_DIGIT_JAPANESE.match(digits) else 9)
