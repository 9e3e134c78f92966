"""A role of its own for whoever translates letters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(choices=[('originator_drafter', 'drafter of the originating authority'), ('originator_signatory', 'signatory of the originating authority'), ('desk_officer', 'desk officer of the central authority'), ('supervisor', 'supervisor'), ('legal', 'legal officer'), ('translator', 'translator'), ('registry', 'registry'), ('duty_officer', '24/7 duty officer'), ('foreign_officer', 'officer of the other State'), ('executing_officer', 'officer of the executing authority'), ('auditor', 'auditor'), ('local_administrator', 'administrator of the authority'), ('timer', 'the system')], max_length=40),
        ),
    ]
