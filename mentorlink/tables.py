"""Imports every slice's models, so that ``metadata`` is whole: for migrations, the worker, seeds and tests."""

from mentorlink.accounts import models as accounts
from mentorlink.applications import models as applications
from mentorlink.core import audit, clock, links, outbox, sessions, state, storage
from mentorlink.core.db import Base
from mentorlink.engagements import models as engagements
from mentorlink.matching import models as matching
from mentorlink.organisations import models as organisations
from mentorlink.outcomes import models as outcomes
from mentorlink.people import models as people
from mentorlink.programmes import models as programmes
from mentorlink.scheduling import guards
from mentorlink.scheduling import models as scheduling
from mentorlink.surveys import models as surveys

metadata = Base.metadata

CORE = (audit, clock, links, outbox, sessions, state, storage)
SLICES = (
    accounts,
    organisations,
    people,
    programmes,
    applications,
    engagements,
    scheduling,
    guards,
    matching,
    surveys,
    outcomes,
)
