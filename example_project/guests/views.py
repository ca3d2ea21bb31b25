"""The page of a guest, for members of staff."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from example_project.guests.models import Guest


@staff_member_required(login_url="admin:login")
def guest_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the hotel knows of a guest, and the guest's open cases."""
    return render(request, "guests/guest.html", {"guest": get_object_or_404(Guest, pk=pk)})
