from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('case_management', '0002_case_facts'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                ('key', models.SlugField(blank=True, help_text='Used by imports, rules and the API. Made from the name when left empty; do not change it later.', max_length=60, unique=True, verbose_name='key')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('position', models.PositiveIntegerField(default=0, help_text='Lists are sorted by this number.', verbose_name='position')),
                ('is_active', models.BooleanField(default=True, help_text='Switch off instead of deleting.', verbose_name='active')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'Choice'), ('choices', 'Several choices'), ('yes_no', 'Yes or no'), ('user', 'User')], default='text', max_length=8, verbose_name='kind')),
                ('options', models.JSONField(blank=True, default=list, help_text='Key and label of each choice.', verbose_name='options')),
                ('required_to_open', models.BooleanField(default=False, verbose_name='required to open')),
                ('required_to_resolve', models.BooleanField(default=False, verbose_name='required to resolve')),
                ('is_filterable', models.BooleanField(default=False, help_text='Lists can be filtered by it; an index is built in the background.', verbose_name='filter')),
                ('in_list', models.BooleanField(default=False, help_text='Shown as a column of the case list.', verbose_name='column')),
            ],
            options={
                'verbose_name': 'custom field',
                'verbose_name_plural': 'custom fields',
                'ordering': ['position', 'name'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='case',
            name='custom',
            field=models.JSONField(default=dict, editable=False, verbose_name='custom fields'),
        ),
        migrations.AddField(
            model_name='case',
            name='custom_texts',
            field=models.JSONField(default=dict, editable=False, verbose_name='custom texts'),
        ),
        migrations.AddField(
            model_name='customfield',
            name='case_types',
            field=models.ManyToManyField(blank=True, help_text='Only cases of these types have the field. None: every case.', related_name='custom_fields', to='case_management.casetype', verbose_name='case types'),
        ),
    ]
