"""What a programme is called where several runs of it stand side by side."""

from mentorlink.core.i18n import current_language, gettext
from mentorlink.programmes.models import Programme


def name_with_year(programme: Programme) -> str:
    """``半年の伴走（2026年度）``: without its year one run looks like the other."""
    name = programme.name_en if current_language().code == "en" else programme.name_ja
    return gettext("%(name)s（%(year)s年度）", name=name, year=programme.fiscal_year)
