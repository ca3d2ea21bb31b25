import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('case_management', '0003_custom_fields'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('done', 'Done'), ('dead', 'Failed for good'), ('suppressed', 'Suppressed'), ('cancelled', 'Cancelled')], default='pending', editable=False, max_length=12, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='attempts')),
                ('available_at', models.DateTimeField(editable=False, verbose_name='due from')),
                ('lease_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='claimed until')),
                ('last_error', models.TextField(blank=True, default='', editable=False, verbose_name='last error')),
                ('verb', models.CharField(max_length=40, verbose_name='what')),
                ('arguments', models.JSONField(blank=True, default=dict, verbose_name='arguments')),
                ('query', models.CharField(blank=True, max_length=2000, verbose_name='query string')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='cases in all')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='done')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='refused')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
            ],
            options={
                'verbose_name': 'change set',
                'verbose_name_plural': 'change sets',
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='ChangeSetRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('done', 'Done'), ('refused', 'Refused')], default='pending', max_length=8, verbose_name='state')),
                ('code', models.CharField(blank=True, max_length=60, verbose_name='code')),
                ('message', models.TextField(blank=True, verbose_name='reason')),
                ('first_seq', models.PositiveIntegerField(blank=True, null=True, verbose_name='first event')),
                ('last_seq', models.PositiveIntegerField(blank=True, null=True, verbose_name='last event')),
            ],
            options={
                'verbose_name': 'case of a change set',
                'verbose_name_plural': 'cases of change sets',
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='changeset',
            name='requested_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by'),
        ),
        migrations.AddField(
            model_name='changeset',
            name='undoes',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='case_management.changeset', verbose_name='takes back'),
        ),
        migrations.AddField(
            model_name='changesetrow',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='change_set_rows', to='case_management.case', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='changesetrow',
            name='change_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='case_management.changeset', verbose_name='change set'),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['available_at', 'id'], name='cm_change_set_due'),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=models.Index(fields=['requested_by', '-created_at'], name='cm_change_set_mine'),
        ),
        migrations.AddIndex(
            model_name='changesetrow',
            index=models.Index(fields=['change_set', 'state', 'id'], name='cm_change_set_row_state'),
        ),
        migrations.AddIndex(
            model_name='changesetrow',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['change_set', 'id'], name='cm_change_set_row_open'),
        ),
        migrations.AddConstraint(
            model_name='changesetrow',
            constraint=models.UniqueConstraint(fields=('change_set', 'case'), name='cm_change_set_row_once'),
        ),
    ]
