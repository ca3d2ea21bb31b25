import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('case_management', '0005_case_text'),
    ]

    operations = [
        migrations.CreateModel(
            name='Preferences',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('time_zone', models.CharField(blank=True, help_text="Empty: the site's.", max_length=60, verbose_name='time zone')),
                ('signature', models.TextField(blank=True, help_text='How your letters to customers end.', verbose_name='signature')),
                ('muted', models.JSONField(blank=True, default=list, help_text='Kinds of notification that are not mailed.', verbose_name='no mail for')),
                ('uses_shortcuts', models.BooleanField(default=True, verbose_name='keyboard shortcuts')),
            ],
            options={
                'verbose_name': 'preferences',
                'verbose_name_plural': 'preferences',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ViewChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_pinned', models.BooleanField(default=False, verbose_name='pinned to the menu')),
                ('is_default', models.BooleanField(default=False, verbose_name='opens with the list')),
            ],
            options={
                'verbose_name': 'choice of a view',
                'verbose_name_plural': 'choices of views',
            },
        ),
        migrations.AddField(
            model_name='preferences',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='case_preferences', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddField(
            model_name='viewchoice',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='case_view_choices', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AddField(
            model_name='viewchoice',
            name='view',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='choices', to='case_management.savedview', verbose_name='view'),
        ),
        migrations.AddConstraint(
            model_name='viewchoice',
            constraint=models.UniqueConstraint(fields=('user', 'view'), name='cm_view_choice_once'),
        ),
        migrations.AddConstraint(
            model_name='viewchoice',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('user',), name='cm_view_one_default'),
        ),
    ]
