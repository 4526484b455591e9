"""The pages of applications: six screens for everybody, the office's desk, and its imports."""

from mentorlink.applications.views import desk, imports, questions, screens
from mentorlink.applications.views.blueprint import bp

__all__ = ["bp", "desk", "imports", "questions", "screens"]
