"""Start everything, say where it is, and stay until Ctrl-C."""

from __future__ import annotations

import os
import sys

from example_project.demo import place
from example_project.demo.place import say
from example_project.demo.supervisor import DemoError, Stopped, Supervisor
from example_project.environment import ROOT, STATE
from example_project.processes import LOOPBACK, wait_until
from example_project.valkey import Valkey

MANAGE = [sys.executable, "-m", "example_project.manage"]
IS_EMPTY = "from case_management.models import Unit; raise SystemExit(Unit.objects.exists())"
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "python:example_project.gunicorn_conf"]


def environment(base_url: str) -> dict[str, str]:
    """What the processes of the demo see; what is already set wins."""
    hosts = ",".join(filter(None, [os.environ.get("ALLOWED_HOSTS"), LOOPBACK, "localhost"]))
    defaults = {"DEBUG": "1", "BASE_URL": base_url, "DJANGO_SETTINGS_MODULE": "example_project.settings"}
    return {**defaults, **os.environ, "ALLOWED_HOSTS": hosts, "HTTPS": "", "PYTHONUNBUFFERED": "1"}


def start_valkey(supervisor: Supervisor) -> None:
    """Start our own Valkey, unless REDIS_URL names a server."""
    if os.environ.get("REDIS_URL"):
        return
    server = Valkey(supervisor.processes, STATE / "valkey")
    supervisor.environment["REDIS_URL"] = server.url
    supervisor.add("valkey", server.argv)
    wait_until(server.is_ready, seconds=30, what=f"Valkey (log: {place.LOG / 'valkey.log'})")


def prepare_data(supervisor: Supervisor) -> None:
    """Bring the tables up to date, and fill them on the first run."""
    place.forget_half_seeded()
    if place.is_seeded():
        say("Keeping the data of the last run (make demo-reset throws it away) ...")
    else:
        say("First run: making the tables (some seconds) ...")
    supervisor.run_step("migrate", [*MANAGE, "migrate", "--no-input"])
    if place.is_seeded():
        # Data of an earlier release may lack what search reads.
        supervisor.run_step("case_words", [*MANAGE, "case_words", "--missing", "--repair"])
        return
    if not supervisor.says_yes("is_empty", [*MANAGE, "shell", "--command", IS_EMPTY]):
        say("This database holds cases already, so no sample cases are added.")
        return
    say("Filling them with sample cases ...")
    place.SEEDING.touch()
    seed = ["seed_demo", "--seed", "1", "--size", "small", "--json", str(place.ACCOUNTS)]
    supervisor.run_step("seed_demo", [*MANAGE, *seed])
    supervisor.run_step("link_guests", [*MANAGE, "link_guests"])
    place.SEEDED.write_text(place.database_mark())
    place.SEEDING.unlink()


def start_services(supervisor: Supervisor, host: str, port: int) -> None:
    """The web server; once it answers, one worker per queue and the scheduler."""
    supervisor.add("web", [*GUNICORN, "--bind", f"{host}:{port}", "example_project.wsgi:application"])
    supervisor.wait_for(f"http://{LOOPBACK}:{port}/admin/login/", seconds=90)
    supervisor.add("worker", [*MANAGE, "case_worker"])
    supervisor.add("scheduler", [*MANAGE, "case_scheduler"])


def greet(base_url: str) -> None:
    """Where to go, and as whom."""
    mail = os.environ.get("EMAIL_HOST") or STATE / "mail"
    say("\nCase management is running. Both admins show the same cases:\n")
    say(f"  Wagtail admin   {base_url}/admin/")
    say(f"  Django admin    {base_url}/django-admin/\n")
    people = place.accounts()
    if people:
        say(f"  {'login':<18}{'password':<20}{'role':<26}unit")
    for person in people:
        place_of_work = person.get("unit") or "everywhere"
        say(f"  {person['username']:<18}{person['password']:<20}{person['role']:<26}{place_of_work}")
    say(f"\n  Log-ins: {place.ACCOUNTS}\n  Mail that the site sends: {mail}\n  Logs: {place.LOG}\n")
    say("Stop with Ctrl-C; the data stays. Start over with: make demo-reset demo\n")


def run(supervisor: Supervisor, host: str, port: int) -> None:
    """From nothing to a running site; returns only by an exception."""
    base_url = supervisor.environment["BASE_URL"]
    start_valkey(supervisor)
    prepare_data(supervisor)
    start_services(supervisor, host, port)
    greet(base_url)
    supervisor.watch()


def main() -> int:
    """Run until asked to stop; the exit code says whether it went well."""
    os.chdir(ROOT)
    lock = place.take_lock()
    host, port = place.address()
    base_url = f"http://{LOOPBACK}:{port}"
    place.note_in_lock(lock, f"{base_url}/ (process {os.getpid()})")
    supervisor = Supervisor(environment(base_url))
    code = 0
    try:
        run(supervisor, host, port)
    except Stopped:
        say("Stopping ...")
    except (DemoError, TimeoutError) as problem:
        say(f"The demo cannot run: {problem}")
        code = 1
    finally:
        supervisor.stop()
        place.note_in_lock(lock, "")
    say("Stopped. The data is kept." if code == 0 else "Stopped.")
    return code


if __name__ == "__main__":
    sys.exit(main())
