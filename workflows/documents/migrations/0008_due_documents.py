import django.db.models.deletion
import django_fsm
from django.db import migrations, models
from django.db.models import F


def made_before(apps, schema_editor):
    """What stands there was made while its officer waited: it is ready, and unsigned."""
    rows = apps.get_model('documents', 'CaseDocument').objects
    rows.update(status='ready', changed_at=F('created_at'), unsigned_sha256=F('sha256'))


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0007_previews'),
        ('lifecycle', '0014_signatures'),
        ('reference', '0006_days_of_the_way'),
    ]

    operations = [
        migrations.RenameField('casedocument', 'made_at', 'created_at'),
        migrations.AlterField(
            model_name='casedocument',
            name='created_at',
            field=models.DateTimeField(editable=False),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='awaits',
            field=models.CharField(blank=True, choices=[('scan', 'the scan of the signed and sealed print'), ('certificate', 'a certificate to sign with'), ('timestamp', 'the timestamp of its signature')], max_length=20),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='came_from',
            field=models.ForeignKey(blank=True, help_text='the authority of the other State that sent it here; nobody: it was made here', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reference.authority'),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='changed_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='content',
            field=models.JSONField(blank=True, default=dict, help_text='all that it says: exactly what the content hash covers'),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='failure',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='frame',
            field=models.JSONField(blank=True, default=dict, help_text='letterhead, addressee, references and day, as they were when it was ordered'),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='said',
            field=models.JSONField(blank=True, default=dict, help_text='what an officer said for it, by the fields of its kind'),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='sent_at',
            field=models.DateTimeField(blank=True, help_text='to the other State', null=True),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='sent_by',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='signature',
            field=models.CharField(blank=True, choices=[('B-B', 'electronic signature'), ('B-T', 'electronic signature with timestamp'), ('B-LT', 'electronic signature with timestamp and revocation data'), ('ink', 'ink and seal, scanned')], help_text='how it is signed; PAdES level', max_length=10),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='signed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='signed_by',
            field=models.CharField(blank=True, help_text='the subject of the certificate', max_length=300),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='status',
            field=django_fsm.FSMField(choices=[('queued', 'queued'), ('rendering', 'being made'), ('waiting', 'waits for its signature'), ('ready', 'ready'), ('failed', 'failed')], default='queued', max_length=50, protected=True),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='unsigned_sha256',
            field=models.CharField(blank=True, help_text='of the PDF as it was rendered', max_length=64),
        ),
        migrations.AddField(
            model_name='casedocument',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AlterField(
            model_name='casedocument',
            name='content_hash',
            field=models.CharField(help_text='of what it is made from', max_length=64),
        ),
        migrations.AlterField(
            model_name='casedocument',
            name='made_by',
            field=models.CharField(blank=True, help_text='who ordered it', max_length=200),
        ),
        migrations.AlterField(
            model_name='casedocument',
            name='pages',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='casedocument',
            name='sha256',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='casedocument',
            name='size',
            field=models.PositiveBigIntegerField(blank=True, help_text='bytes', null=True),
        ),
        migrations.AlterField(
            model_name='document',
            name='content_hash',
            field=models.CharField(help_text='of what it is made from', max_length=64),
        ),
        migrations.RunPython(made_before, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='casedocument',
            name='changed_at',
            field=models.DateTimeField(editable=False),
        ),
        migrations.AddConstraint(
            model_name='casedocument',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'rendering', 'waiting', 'ready', 'failed'])), name='documents_kind_status'),
        ),
        migrations.AddConstraint(
            model_name='casedocument',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'ready'), _negated=True), models.Q(('sha256', ''), _negated=True), _connector='OR'), name='documents_kind_has_bytes'),
        ),
    ]
