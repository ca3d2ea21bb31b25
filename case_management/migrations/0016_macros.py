"""Steps that one key carries out on a case."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('case_management', '0015_response_scopes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Macro',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(blank=True, help_text='Used by imports, rules and the API. Made from the name when left empty; do not change it later.', max_length=60, unique=True, verbose_name='key')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('position', models.PositiveIntegerField(default=0, help_text='Lists are sorted by this number.', verbose_name='position')),
                ('is_active', models.BooleanField(default=True, help_text='Switch off instead of deleting.', verbose_name='active')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('steps', models.JSONField(blank=True, default=list, editable=False, verbose_name='steps')),
            ],
            options={
                'verbose_name': 'macro',
                'verbose_name_plural': 'macros',
                'ordering': ['position', 'name'],
                'permissions': [('share_macro', 'Can share macros with a team, a unit or everybody')],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='macro',
            name='owner',
            field=models.ForeignKey(blank=True, help_text='Only this person sees it. Empty: it is shared.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='case_macros', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
        ),
        migrations.AddField(
            model_name='macro',
            name='team',
            field=models.ForeignKey(blank=True, help_text='Only members of the team see it.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='macros', to='case_management.team', verbose_name='team'),
        ),
        migrations.AddField(
            model_name='macro',
            name='unit',
            field=models.ForeignKey(blank=True, help_text='Offered on cases of this unit and of those below.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='macros', to='case_management.unit', verbose_name='unit'),
        ),
        migrations.AddConstraint(
            model_name='macro',
            constraint=models.CheckConstraint(condition=models.Q(('owner', None), models.Q(('team', None), ('unit', None)), _connector='OR'), name='cm_macro_own_or_shared'),
        ),
    ]
