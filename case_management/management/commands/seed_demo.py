import json
from django.core.management.base import BaseCommand
from django.contrib.auth import get_user_model
class Command(BaseCommand):
    def add_arguments(self, p):
        p.add_argument("--seed"); p.add_argument("--size"); p.add_argument("--json")
    def handle(self, **o):
        get_user_model().objects.create_superuser("admin", "a@example.org", "demo-password-1")
        json.dump({"users":[{"username":"admin","password":"demo-password-1","role":"administrator"}]}, open(o["json"],"w"))
