"""The product's addresses, the page that lists the portals, and the mailbox."""

from __future__ import annotations

from django.urls import include, path

from retrouve.demo import views
from retrouve.web.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("", views.home, name="demo_home"),
    path("boite/", views.mailbox_page, name="mailbox"),
    path("boite/messages.json", views.mailbox_json, name="mailbox_json"),
    path("boite/<int:index>/html/", views.mail_html, name="mail_html"),
    path("", include("retrouve.web.urls")),
]
