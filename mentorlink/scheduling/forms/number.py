"""The one field in which somebody tells the number for a talk by telephone."""

from mentorlink.core.forms import HouseForm, PhoneLine
from mentorlink.core.i18n import lazy


class NumberForm(HouseForm):
    phone = PhoneLine(lazy("お電話番号"), required=True)
