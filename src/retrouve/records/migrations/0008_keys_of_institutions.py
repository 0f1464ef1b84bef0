"""Institutions keep the key that AAF gives them: what changed since is told by it alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0007_applications_browsers_second_means")]

    operations = [
        migrations.AddField(
            "institutionrow", "external_id", models.CharField(blank=True, default="", max_length=100)
        ),
    ]
