"""Guards the audit trail. A later migration that alters these two tables has to install the triggers again: SQLite
makes a table anew to alter it, and drops its triggers."""

from django.db import migrations

from retrouve.records.append_only import install_triggers, remove_triggers


class Migration(migrations.Migration):
    dependencies = [("records", "0002_audit_chain_and_objections")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: install_triggers(schema_editor.connection),
            lambda apps, schema_editor: remove_triggers(schema_editor.connection),
        )
    ]
