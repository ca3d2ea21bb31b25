import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('case_management', '0004_change_sets'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseText',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='case_management.case', verbose_name='case')),
                ('head', models.TextField(blank=True, verbose_name='title and customer')),
                ('body', models.TextField(blank=True, verbose_name='description')),
                ('said', models.TextField(blank=True, verbose_name='notes and messages')),
            ],
            options={
                'verbose_name': 'words of a case',
                'verbose_name_plural': 'words of cases',
                'default_permissions': (),
            },
        ),
    ]
