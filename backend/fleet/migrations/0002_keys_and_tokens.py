import django.db.models.deletion
from django.db import migrations, models

# The spent tokens are made anew: no row of them matters for longer than two minutes.


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="RetiredKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_key", models.CharField(max_length=43, unique=True)),
                ("key_id", models.CharField(max_length=11, unique=True)),
                ("retired_at", models.DateTimeField()),
                ("calls_until", models.DateTimeField()),
                (
                    "kiosk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="retired_keys", to="fleet.kiosk"
                    ),
                ),
            ],
        ),
        migrations.DeleteModel(name="SpentToken"),
        migrations.CreateModel(
            name="SpentToken",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kiosk_id", "jti", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("jti", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "kiosk",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="fleet.kiosk",
                    ),
                ),
            ],
        ),
    ]
