"""Finding an organisation under whatever name somebody wrote."""

import re
import unicodedata

import jaconv
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.organisations.models import Organisation, OrganisationAlias

_SHORT_FORMS = {  # of legal forms, after NFKC and in small letters
    "npo法人": "特定非営利活動法人",
    "(特非)": "特定非営利活動法人",
    "(株)": "株式会社",
    "(同)": "合同会社",
    "(福)": "社会福祉法人",
    "(社福)": "社会福祉法人",
    "(一社)": "一般社団法人",
    "(公社)": "公益社団法人",
    "(一財)": "一般財団法人",
    "(公財)": "公益財団法人",
}
_SHORT_FORM = re.compile("|".join(map(re.escape, _SHORT_FORMS)))
_MARKS = re.compile(r"[\s・\-‐‑–—―_.,、。「」『』()'\"]+")


def name_key(name: str) -> str:
    """What of a name matters: width, case, kana, blanks and short legal forms do not."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = _SHORT_FORM.sub(lambda found: _SHORT_FORMS[found[0]], text)
    return str(jaconv.kata2hira(_MARKS.sub("", text)))


def find_by_name(session: Session, name: str) -> Organisation | None:
    """The organisation of that name or alias, however it is spelled; the oldest where several answer to it."""
    key = name_key(name)
    if not key:
        return None
    names = session.execute(
        select(Organisation.id, Organisation.name).union_all(
            select(OrganisationAlias.organisation_id, OrganisationAlias.alias)
        )
    )
    found = [row_id for row_id, written in names if name_key(written) == key]
    return session.get(Organisation, min(found)) if found else None
