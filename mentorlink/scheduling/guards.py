"""What the database itself refuses: a person in two places at once, and a meeting of another length.

The same statements run from the migrations (the first, and for SQLite's spans the fourth) and, in tests, when the tables
are made from the models.
"""

from sqlalchemy import DDL, event

from mentorlink.scheduling.models import Meeting, Occupancy

OVERLAP = "occupancy_overlap"

# A person's rows do not overlap, so the last one that begins before NEW ends is the only one that can still last: the
# index finds it, and nobody's past is read.
_CLASH = """
CREATE TRIGGER {name} BEFORE {moment} ON occupancy
WHEN (
    SELECT other.ends_at FROM occupancy AS other
    WHERE other.person_id = NEW.person_id AND other.id IS NOT NEW.id AND other.starts_at < NEW.ends_at
    ORDER BY other.starts_at DESC LIMIT 1
) > NEW.starts_at
BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END
"""
_LENGTH = """
CREATE TRIGGER {name} BEFORE {moment} ON meeting
WHEN CAST(strftime('%s', NEW.ends_at) AS INTEGER) - CAST(strftime('%s', NEW.starts_at) AS INTEGER)
     <> NEW.minutes * 60
BEGIN SELECT RAISE(ABORT, 'meeting_length'); END
"""
SQLITE_UP = (
    _CLASH.format(name="tr_occupancy_insert", moment="INSERT"),
    _CLASH.format(name="tr_occupancy_update", moment="UPDATE"),
    _LENGTH.format(name="tr_meeting_insert", moment="INSERT"),
    _LENGTH.format(name="tr_meeting_update", moment="UPDATE OF starts_at, ends_at, minutes"),
)
POSTGRESQL_EXTENSION = "CREATE EXTENSION IF NOT EXISTS btree_gist"
POSTGRESQL_UP = (
    f"""ALTER TABLE occupancy ADD CONSTRAINT {OVERLAP}
        EXCLUDE USING gist (person_id WITH =, tstzrange(starts_at, ends_at) WITH &&)""",
    """ALTER TABLE meeting ADD CONSTRAINT ck_meeting_length
        CHECK (ends_at = starts_at + make_interval(mins => minutes))""",
)


def _on_create(table: object, statement: str, dialect: str) -> None:
    ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)
    event.listen(table, "after_create", ddl)


_on_create(Occupancy.__table__, POSTGRESQL_EXTENSION, "postgresql")
_on_create(Occupancy.__table__, POSTGRESQL_UP[0], "postgresql")
_on_create(Meeting.__table__, POSTGRESQL_UP[1], "postgresql")
for _statement in SQLITE_UP:
    _table = Occupancy.__table__ if "ON occupancy" in _statement else Meeting.__table__
    _on_create(_table, _statement, "sqlite")
