"""Triggers that keep the audit trail as it was written, on both databases (security.md ATT-77).

They stop our own mistakes and a careless hand. Somebody who may drop triggers is caught by the chain (`audit_chain`),
whose key is not in the database.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

KEPT_COLUMNS = ("at", "portal", "audience", "event", "outcome", "account", "request", "origin_digest")
REFUSED = "the audit trail is append-only"

SQLITE_INSTALL = (
    f"""CREATE TRIGGER audit_no_update BEFORE UPDATE ON records_auditrow
    WHEN NOT (NEW.origin = '' AND NEW.origin_salt = '' AND NEW.id = OLD.id
        AND {" AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT_COLUMNS)})
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER audit_no_delete BEFORE DELETE ON records_auditrow
    WHEN NOT EXISTS (SELECT 1 FROM records_retentionrow
        WHERE records_retentionrow.portal = OLD.portal AND records_retentionrow.before > OLD.at)
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER seal_no_update BEFORE UPDATE ON records_auditsealrow
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
    f"""CREATE TRIGGER seal_no_delete BEFORE DELETE ON records_auditsealrow
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
)
SQLITE_REMOVE = tuple(
    f"DROP TRIGGER IF EXISTS {name}"
    for name in ("audit_no_update", "audit_no_delete", "seal_no_update", "seal_no_delete")
)

POSTGRESQL_INSTALL = (
    f"""CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSED}'; END $$""",
    f"""CREATE FUNCTION audit_guard_update() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.origin = '' AND NEW.origin_salt = '' AND NEW.id = OLD.id
            AND {" AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT_COLUMNS)}
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION '{REFUSED}';
    END $$""",
    f"""CREATE FUNCTION audit_guard_delete() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM records_retentionrow r WHERE r.portal = OLD.portal AND r.before > OLD.at)
        THEN RETURN OLD; END IF;
        RAISE EXCEPTION '{REFUSED}';
    END $$""",
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON records_auditrow FOR EACH ROW EXECUTE FUNCTION audit_guard_update()",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON records_auditrow FOR EACH ROW EXECUTE FUNCTION audit_guard_delete()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON records_auditrow EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER seal_no_change BEFORE UPDATE OR DELETE ON records_auditsealrow FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER seal_no_truncate BEFORE TRUNCATE ON records_auditsealrow EXECUTE FUNCTION audit_refuse()",
)
POSTGRESQL_REMOVE = tuple(
    f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name in ("audit_refuse", "audit_guard_update", "audit_guard_delete")
)


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    run(connection, SQLITE_INSTALL if connection.vendor == "sqlite" else POSTGRESQL_INSTALL)


def remove_triggers(connection: BaseDatabaseWrapper) -> None:
    run(connection, SQLITE_REMOVE if connection.vendor == "sqlite" else POSTGRESQL_REMOVE)


def run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
