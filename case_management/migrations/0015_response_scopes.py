"""What scripted responses are for, what they ask, and which letters used them."""

import django.db.models.deletion
from django.db import migrations, models


def retire_older(apps, schema_editor):
    """One version of a response is in use: the newest that was approved."""
    rows = apps.get_model("case_management", "ScriptedResponse").objects
    seen = set()
    for pk, key in rows.filter(state="approved").order_by("-version").values_list("pk", "key"):
        if key in seen:
            rows.filter(pk=pk).update(state="retired")
        seen.add(key)


class Migration(migrations.Migration):

    dependencies = [
        ('case_management', '0014_contact_search'),
    ]

    operations = [
        migrations.RunPython(retire_older, migrations.RunPython.noop),
        migrations.AddField(
            model_name='scriptedresponse',
            name='approved_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='approved'),
        ),
        migrations.AddField(
            model_name='scriptedresponse',
            name='case_type',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='case_management.casetype', verbose_name='case type'),
        ),
        migrations.AddField(
            model_name='scriptedresponse',
            name='keywords',
            field=models.CharField(blank=True, help_text='Words by which it is found, beside its own.', max_length=200, verbose_name='search words'),
        ),
        migrations.AddField(
            model_name='scriptedresponse',
            name='prompts',
            field=models.JSONField(blank=True, default=list, verbose_name='prompts'),
        ),
        migrations.AddField(
            model_name='scriptedresponse',
            name='unit',
            field=models.ForeignKey(blank=True, help_text='And every unit below.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='case_management.unit', verbose_name='unit'),
        ),
        migrations.AlterField(
            model_name='scriptedresponse',
            name='body',
            field=models.TextField(help_text='Tokens such as [[CUSTOMER NAME]] are filled in by themselves. What stands between [[LOCKED: a name]] and [[/LOCKED]] may not be edited by whoever sends it.', verbose_name='text'),
        ),
        migrations.AlterField(
            model_name='scriptedresponse',
            name='topic',
            field=models.ForeignKey(blank=True, help_text='And every topic below.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='case_management.topic', verbose_name='topic'),
        ),
        migrations.AddConstraint(
            model_name='scriptedresponse',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'approved')), fields=('key',), name='cm_scripted_response_one_approved'),
        ),
    ]
