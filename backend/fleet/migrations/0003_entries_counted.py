from django.db import migrations, models

_COUNT = """
    UPDATE fleet_kiosk SET entries_held =
    (SELECT COUNT(*) FROM requests_storedentry WHERE kiosk_id = fleet_kiosk.id)
"""


class Migration(migrations.Migration):
    dependencies = [("fleet", "0002_keys_and_tokens"), ("requests", "0001_initial")]

    operations = [
        migrations.AddField("kiosk", "entries_held", models.PositiveBigIntegerField(default=0)),
        migrations.RunSQL(_COUNT, migrations.RunSQL.noop),
    ]
