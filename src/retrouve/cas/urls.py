"""The addresses of CAS, below each portal's."""

from __future__ import annotations

from django.urls import path

from retrouve.cas import views

urlpatterns = [
    path("cas/login", views.login, name="cas_login"),
    path("cas/suite/", views.resume, name="cas_resume"),
    path("cas/logout", views.logout, name="cas_logout"),
    path("cas/serviceValidate", views.service_validate, name="cas_service_validate"),
    path("cas/p3/serviceValidate", views.p3_service_validate, name="cas_p3_service_validate"),
]
