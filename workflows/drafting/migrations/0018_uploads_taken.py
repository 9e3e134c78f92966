from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('drafting', '0017_translations'),
    ]

    operations = [
        migrations.AddField(
            model_name='annexupload',
            name='taken_at',
            field=models.DateTimeField(blank=True, help_text='when it became an annex; its pieces go next', null=True),
        ),
        migrations.RemoveConstraint(
            model_name='annexupload',
            name='drafting_one_upload',
        ),
        migrations.AddConstraint(
            model_name='annexupload',
            constraint=models.UniqueConstraint(condition=models.Q(('taken_at', None)), fields=('letter', 'by', 'key', 'name', 'sha256'), name='drafting_one_upload'),
        ),
    ]
