"""Put the home page where Wagtail's own first page was, and make it the root of the site."""

from django.db import migrations


def create_home_page(apps, schema_editor):
    content_types = apps.get_model("contenttypes.ContentType").objects
    pages = apps.get_model("wagtailcore.Page").objects
    wagtails_own = content_types.get(model="page", app_label="wagtailcore")
    pages.filter(content_type=wagtails_own, slug="home", depth=2).delete()
    content_type, _ = content_types.get_or_create(model="homepage", app_label="home")
    page = apps.get_model("home.HomePage").objects.create(
        title="Home",
        draft_title="Home",
        slug="home",
        content_type=content_type,
        path="00010001",
        depth=2,
        numchild=0,
        url_path="/home/",
    )
    sites = apps.get_model("wagtailcore.Site").objects
    sites.create(hostname="localhost", root_page=page, is_default_site=True)


def remove_home_page(apps, schema_editor):
    apps.get_model("home.HomePage").objects.filter(slug="home", depth=2).delete()


class Migration(migrations.Migration):
    run_before = [("wagtailcore", "0053_locale_model")]
    dependencies = [("home", "0001_initial")]
    operations = [migrations.RunPython(create_home_page, remove_home_page)]
