"""Sessions remember by what they were opened, and when. Those from before do not know: they end, once."""

import uuid

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("records", "0005_whole_life_of_an_account")]

    operations = [
        migrations.RunSQL("DELETE FROM records_sessionrow", migrations.RunSQL.noop),
        migrations.AddField(
            "sessionrow", "public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
        ),
        migrations.AddField(
            "sessionrow", "signed_in_at", models.DateTimeField(default=timezone.now), preserve_default=False
        ),
        migrations.AddField("sessionrow", "means", models.CharField(default="pwd", max_length=40)),
    ]
