# Where a version of a rule stands; "switched on" is what is published.

from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q


def tell_states(apps, schema_editor):
    """Switched on: published. Switched off after it acted, or beside another version: retired. Else a draft."""
    rules = apps.get_model('case_management', 'Rule')._base_manager.using(schema_editor.connection.alias)
    firings = apps.get_model('case_management', 'RuleFiring')._base_manager.using(schema_editor.connection.alias)
    followed = rules.filter(Q(version__gt=OuterRef('version')) | Q(is_active=True), key=OuterRef('key'))
    off = rules.filter(is_active=False)
    retired = Exists(followed) | Exists(firings.filter(rule=OuterRef('pk')))
    for pks, state in ((list(off.filter(retired).values_list('pk', flat=True)), 'retired'), (None, 'draft')):
        rows = off.filter(state='published') if pks is None else rules.filter(pk__in=pks)
        rows.update(state=state)


class Migration(migrations.Migration):

    dependencies = [
        ('case_management', '0021_rule_timing'),
    ]

    operations = [
        migrations.AddField(
            model_name='rule',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('awaiting', 'Awaiting approval'), ('shadow', 'Shadow: only writes down what it would do'), ('published', 'Published'), ('retired', 'Retired')], default='published', max_length=10, verbose_name='state'),
        ),
        migrations.RunPython(tell_states, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_active', True), ('state', 'published')), models.Q(('is_active', False), models.Q(('state', 'published'), _negated=True)), _connector='OR'), name='cm_rule_active_is_published'),
        ),
    ]
