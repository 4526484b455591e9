"""The address of a supporter's own calendar."""

from wtforms.validators import ValidationError

from mentorlink.core.fetching import LONGEST_ADDRESS, FetchFault, read_address
from mentorlink.core.forms import HouseForm, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.core.messages import message_of


class CalendarForm(HouseForm):
    address = TextLine(lazy("カレンダーの住所（iCal形式）"), LONGEST_ADDRESS, required=True)

    def validate_address(self, field: TextLine) -> None:
        try:
            read_address(field.text)
        except FetchFault as fault:
            raise ValidationError(lazy(message_of(fault.code))) from fault
