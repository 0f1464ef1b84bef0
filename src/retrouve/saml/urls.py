"""The addresses of the SAML identity provider, below each portal's."""

from __future__ import annotations

from django.urls import path

from retrouve.saml import views

urlpatterns = [
    path("saml/metadata", views.metadata, name="saml_metadata"),
    path("saml/sso", views.sso, name="saml_sso"),
    path("saml/suite/", views.resume, name="saml_resume"),
]
