"""django-allauth's own pages, and the one that a person was going to."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def welcome(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"signed in: {request.user.get_username()}")


urlpatterns = [path("accounts/", include("allauth.urls")), path("welcome/", welcome)]
