from django.db import migrations


def carry_over(apps, schema_editor):
    slot = apps.get_model("appointments", "Slot")
    appointment = apps.get_model("appointments", "Appointment")
    for row in slot.objects.filter(booked_ticket__isnull=False).iterator():
        row.appointment = appointment.objects.create(
            desk_id=row.desk_id,
            start=row.start,
            minutes=row.minutes,
            ticket_id=row.booked_ticket,
            kiosk_id=row.booked_by_id,
            made_at=row.booked_at,
        )
        row.save(update_fields=["appointment"])


class Migration(migrations.Migration):
    dependencies = [("appointments", "0002_appointments_apart")]

    operations = [migrations.RunPython(carry_over, elidable=True)]
