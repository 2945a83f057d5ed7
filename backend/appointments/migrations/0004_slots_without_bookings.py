from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("appointments", "0003_bookings_become_appointments")]

    operations = [
        migrations.RemoveConstraint(
            model_name="slot",
            name="ticket_booked_once",
        ),
        migrations.RemoveConstraint(
            model_name="slot",
            name="booking_is_whole",
        ),
        migrations.RemoveIndex(
            model_name="slot",
            name="slot_not_booked",
        ),
        migrations.RemoveIndex(
            model_name="slot",
            name="slot_by_kiosk",
        ),
        migrations.RemoveField(
            model_name="slot",
            name="booked_at",
        ),
        migrations.RemoveField(
            model_name="slot",
            name="booked_by",
        ),
        migrations.RemoveField(
            model_name="slot",
            name="booked_ticket",
        ),
    ]
