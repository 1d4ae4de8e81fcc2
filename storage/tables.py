"""The current schema. Its history is in ``migrations/``; a test checks that the two match."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes in Python on both engines; SQLite itself doesn't store a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raises ``ValueError`` for a time without a zone instead of guessing one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Add the zone that SQLite doesn't store."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite assigns row ids only to INTEGER columns (https://www.sqlite.org/autoinc.html); PostgreSQL gets the
# wide type.
RowId = BigInteger().with_variant(Integer, "sqlite")


def _partly(name: str, condition: str, *columns: str, and_on_postgresql: str = "") -> Index:
    """A partial index, over only those rows that meet the condition."""
    return Index(
        name,
        *columns,
        sqlite_where=text(condition),
        postgresql_where=text(condition + and_on_postgresql),
    )


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

projects = Table(
    "projects",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(75), nullable=False),
    Column("people", JSON, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    Column("home_channel", String(32)),
    Column("created_by", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_by", String(32), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("archived_at", UtcDateTime),
    sqlite_autoincrement=True,
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", RowId, primary_key=True),
    # The project's name, which the release before reads, as typed or as it is now.
    Column("project_id", String(75)),
    # Which one, if it was chosen from those of the workspace. No foreign key: projects are never deleted.
    Column("project_number", BigInteger),
    Column("home_channel", String(32)),
    Column("title", String(200), nullable=False),
    Column("description", Text),
    Column("severity", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("declared_at", UtcDateTime, nullable=False),
    Column("declared_by", String(32), nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("commander_id", String(32)),
    Column("channel_id", String(32), unique=True),
    Column("channel_name", String(80), nullable=False),
    Column("call_url", Text),
    Column("is_private", Boolean, nullable=False, server_default=false()),
    Column("caught_up_to", String(32)),
    Column("conversion_is_private", Boolean),
    Column("conversion_ts", String(32)),
    Column("conversion_by", String(32)),
    Column("conversion_asked", String(32)),
    Column("conversion_question", String(32)),
    Column("conversion_answered_by", String(32)),
    Column("metadata", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # When a missing commander is asked for.
    Column("ask_commander_at", UtcDateTime),
    Index(None, "status", "id"),
    Index(None, "project_id", "id"),
    Index(None, "ask_commander_at"),
    sqlite_autoincrement=True,
)

incident_roles = Table(
    "incident_roles",
    metadata,
    Column("incident_id", ForeignKey("incidents.id"), primary_key=True),
    Column("role", String(80), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

incident_members = Table(
    "incident_members",
    metadata,
    Column("incident_id", ForeignKey("incidents.id"), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("present", Boolean, nullable=False),
    Column("event_ts", String(32), nullable=False),
)

attendance = Table(
    "attendance",
    metadata,
    Column("incident_id", ForeignKey("incidents.id"), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("acted_at", UtcDateTime),
    Column("briefed_at", UtcDateTime),
    # What the latest briefing went back to, for a redelivery of the request.
    Column("briefed_since", UtcDateTime),
)

timeline_entries = Table(
    "timeline_entries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(32)),
    Column("source", Text),
    Column("from_value", Text),
    Column("to_value", Text),
    Column("text", Text, nullable=False),
    Column("files", JSON, nullable=False),
    Column("channel_id", String(32)),
    Column("ts", String(32)),
    Column("thread_ts", String(32)),
    Column("edited_ts", String(32)),
    Column("is_seen", Boolean, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    # The days after which its text was removed, 0 if its author was erased; only if ``is_deleted``.
    Column("removed_after", Integer),
    UniqueConstraint("channel_id", "ts"),
    Index(None, "incident_id", "at", "id"),
    sqlite_autoincrement=True,
)

key_marks = Table(
    "key_marks",
    metadata,
    Column("channel_id", String(32), primary_key=True),
    Column("ts", String(32), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("source", String(20), primary_key=True),
    Column("present", Boolean, nullable=False),
    Column("event_ts", String(32), nullable=False),
)

inbound = Table(
    "inbound",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("received_at", UtcDateTime, nullable=False),
    # Instead of `result`, revisions before 0008 use the column for what was created.
    Column("incident_id", ForeignKey("incidents.id")),
    Column("item_id", BigInteger),
    Column("analysis_id", BigInteger),
    Column("result", BigInteger),
    Index("ix_inbound_received_at", "received_at"),
)

source_messages = Table(
    "source_messages",
    metadata,
    Column("channel_id", String(32), primary_key=True),
    Column("ts", String(32), primary_key=True),
    Column("thread_ts", String(32)),
    Column("user_id", String(32)),
    Column("text", Text, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("tz", String(64)),
    Column("is_bot", Boolean, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("is_guest", Boolean, nullable=False),
    Column("is_stranger", Boolean, nullable=False),
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    Column("email", String(320)),
    Column("direct_channel", String(32)),
    Column("changed_at", BigInteger, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("erased_at", UtcDateTime),
)

names = Table(
    "names",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("id", String(32), primary_key=True),
    # Null if it may not be revealed.
    Column("name", Text),
    Column("known_at", UtcDateTime, nullable=False),
)

user_groups = Table(
    "user_groups",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("handle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("known_at", UtcDateTime, nullable=False),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", ForeignKey("user_groups.id"), primary_key=True),
    Column("user_id", String(32), primary_key=True),
)

messages = Table(
    "messages",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("channel_id", String(32), nullable=False),
    Column("ts", String(32), nullable=False),
    Index(None, "channel_id", "ts"),
)

workspace = Table(
    "workspace",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

action_items = Table(
    "action_items",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("title", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("assigned_to", String(32)),
    Column("status", String(20), nullable=False),
    Column("priority", String(20), nullable=False),
    Column("due_date", Date),
    Column("completed_at", UtcDateTime),
    Column("created_by", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("assigned_at", UtcDateTime, nullable=False),
    Column("planned_after", UtcDateTime, nullable=False),
    Column("remind_at", UtcDateTime),
    Column("snoozed_until", Date),
    Column("metadata", JSON, nullable=False),
    Index(None, "incident_id", "id"),
    Index(None, "assigned_to", "status", "due_date"),
    Index(None, "status", "id"),
    Index(None, "remind_at"),
    sqlite_autoincrement=True,
)

reminders = Table(
    "reminders",
    metadata,
    Column("item_id", ForeignKey("action_items.id"), primary_key=True),
    Column("rung", String(16), primary_key=True),
    Column("on", Date, primary_key=True),
    Column("user_id", String(32), nullable=False),
    Column("also_told", String(32)),
    Column("is_late", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

gathered = Table(
    "gathered",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("lead", String(255), nullable=False),
    Column("incident_id", BigInteger, nullable=False),
    Column("item_id", BigInteger, nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("rung", String(16), nullable=False),
    Column("on", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "lead"),
    Index(None, "user_id", "at"),
)

digests = Table(
    "digests",
    metadata,
    Column("user_id", String(32), primary_key=True),
    Column("next_at", UtcDateTime, nullable=False),
    Index(None, "next_at"),
)

five_whys_analyses = Table(
    "five_whys_analyses",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("problem", Text, nullable=False),
    Column("facilitator_id", String(32), nullable=False),
    Column("status", String(20), nullable=False),
    Column("created_by", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    Column("nudge_at", UtcDateTime),
    Column("current_id", BigInteger),
    Column("was_nudged", Boolean, nullable=False, server_default=false()),
    Column("has_findings", Boolean, nullable=False, server_default=false()),
    Column("steps", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    Index(None, "incident_id", "id"),
    Index(None, "nudge_at"),
    sqlite_autoincrement=True,
)

whys = Table(
    "whys",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("analysis_id", ForeignKey("five_whys_analyses.id"), nullable=False),
    Column("parent_id", BigInteger),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_by", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("channel_id", String(32)),
    Column("ts", String(32)),
    Column("thread_ts", String(32)),
    Column("is_taken", Boolean, nullable=False),
    Column("is_late", Boolean, nullable=False),
    Column("is_root_cause", Boolean, nullable=False),
    Column("entry_id", BigInteger),
    UniqueConstraint("channel_id", "ts"),
    Index(None, "analysis_id", "id"),
    sqlite_autoincrement=True,
)

postmortems = Table(
    "postmortems",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False, unique=True),
    Column("content", JSON, nullable=False),
    Column("owner_id", String(32)),
    Column("revision", Integer, nullable=False),
    Column("completed_at", UtcDateTime),
    Column("completed_despite", Text, nullable=False),
    Column("canvas_id", String(32)),
    Column("file_id", String(32)),
    Column("created_by", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("metadata", JSON, nullable=False),
    sqlite_autoincrement=True,
)

postmortem_revisions = Table(
    "postmortem_revisions",
    metadata,
    Column("postmortem_id", ForeignKey("postmortems.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("by", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("section", String(20), nullable=False),
    Column("content", JSON, nullable=False),
)

postmortem_duties = Table(
    "postmortem_duties",
    metadata,
    Column("incident_id", ForeignKey("incidents.id"), primary_key=True),
    Column("resolved_at", UtcDateTime, nullable=False),
    Column("remind_at", UtcDateTime),
    Column("reminded", Integer, nullable=False),
    Column("waived_by", String(32)),
    Column("waived_because", Text),
    Index(None, "remind_at"),
)

meetings = Table(
    "meetings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("status", String(20), nullable=False),
    Column("event_id", String(64), unique=True),
    Column("ends_at", UtcDateTime),
    Column("content", JSON, nullable=False),
    Column("asked_by", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "incident_id", "id"),
    Index(None, "ends_at"),
    sqlite_autoincrement=True,
)

time_blocks = Table(
    "time_blocks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("status", String(20), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("event_id", String(64), unique=True),
    Column("asked_by", String(32), nullable=False),
    Column("starts_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "incident_id", "id"),
    Index(None, "ends_at"),
    sqlite_autoincrement=True,
)

calendar_syncs = Table(
    "calendar_syncs",
    metadata,
    Column("calendar_id", String(255), primary_key=True),
    Column("token", Text),
    Column("next_at", UtcDateTime, nullable=False),
)

updates = Table(
    "updates",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("by", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("known", Text, nullable=False),
    Column("doing", Text, nullable=False),
    Column("next", Text, nullable=False),
    Column("due_at", UtcDateTime),
    Column("is_unchanged", Boolean, nullable=False),
    Column("corrected_at", UtcDateTime),
    Column("corrected_by", String(32)),
    Column("nudge_at", UtcDateTime),
    Column("nudges", Integer, nullable=False),
    Column("entry_id", BigInteger),
    UniqueConstraint("incident_id", "number"),
    Index(None, "nudge_at"),
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("incident_id", ForeignKey("incidents.id"), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

pages = Table(
    "pages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("by", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("why", Text, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("tell_at", UtcDateTime),
    Column("entry_id", BigInteger),
    Index(None, "incident_id", "id"),
    Index(None, "tell_at"),
    sqlite_autoincrement=True,
)

page_people = Table(
    "page_people",
    metadata,
    Column("page_id", ForeignKey("pages.id"), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    # Their place among those who were paged together.
    Column("place", Integer, nullable=False),
    Column("seen_at", UtcDateTime),
    # Only those who haven't been seen: queried for every message in an incident's channel.
    _partly("ix_page_people_unseen", "seen_at IS NULL", "incident_id", "user_id"),
)

checklists = Table(
    "checklists",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id"), nullable=False),
    Column("key", String(80), nullable=False),
    Column("name", String(40), nullable=False),
    Column("role", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(32)),
    Column("entry_id", BigInteger),
    UniqueConstraint("incident_id", "key"),
    sqlite_autoincrement=True,
)

checklist_lines = Table(
    "checklist_lines",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("checklist_id", ForeignKey("checklists.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("minutes", Integer),
    Column("nudge_at", UtcDateTime),
    Column("is_nudged", Boolean, nullable=False),
    Column("done_at", UtcDateTime),
    Column("done_by", String(32)),
    Column("item_id", BigInteger),
    UniqueConstraint("checklist_id", "number"),
    Index(None, "nudge_at"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("key", String(255), nullable=False, unique=True),
    Column("lane", String(255), nullable=False),
    Column("needs", String(255)),
    Column("is_refresh", Boolean, nullable=False),
    Column("incident_id", ForeignKey("incidents.id")),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("look_first", Boolean, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("owner", String(64)),
    Column("last_error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("queue", String(12), nullable=False, server_default=text("'people'")),
    Column("progress", JSON),
    # Only unsettled rows, because nearly all of the table is done. Revision 0007 explains IS NOT NULL.
    _partly(
        "ix_outbox_due",
        "state = 'waiting'",
        "queue",
        "not_before",
        "id",
        and_on_postgresql=" AND not_before IS NOT NULL",
    ),
    # Who was shown something: queried when an incident becomes private.
    _partly(
        "ix_outbox_on_record",
        "kind IN ('PublishHome', 'SendAnswer', 'SendExport')",
        "kind",
        "created_at",
    ),
    _partly("ix_outbox_running", "state = 'running'", "id"),
    _partly(
        "ix_outbox_unsettled",
        "state IN ('waiting', 'running', 'dead')",
        "state",
        "id",
        and_on_postgresql=" AND id IS NOT NULL",
    ),
    Index(None, "lane", "state", "id"),
    Index(None, "incident_id", "state"),
    # At most one refresh waits in a lane: it renders the state at the time it runs.
    Index(
        "uq_outbox_waiting_refresh",
        "lane",
        unique=True,
        sqlite_where=text("state = 'waiting' AND is_refresh = 1"),
        postgresql_where=text("state = 'waiting' AND is_refresh"),
    ),
    sqlite_autoincrement=True,
)
