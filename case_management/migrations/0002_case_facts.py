import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('case_management', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='awaiting_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='awaiting our reply since'),
        ),
        migrations.AddField(
            model_name='case',
            name='merged_into',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_cases', to='case_management.case', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='case',
            name='score',
            field=models.DecimalField(decimal_places=2, editable=False, max_digits=6, null=True, verbose_name='survey score'),
        ),
        migrations.AddField(
            model_name='case',
            name='snoozed_until',
            field=models.DateTimeField(editable=False, null=True, verbose_name='snoozed until'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('snoozed_until__isnull', False)), fields=['snoozed_until', 'id'], name='cm_case_snoozed'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('score__isnull', False)), fields=['score', 'id'], name='cm_case_score'),
        ),
    ]
