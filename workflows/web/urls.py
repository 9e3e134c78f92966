"""Routes of the screens."""

from django.urls import path

from workflows.web import views

app_name = "web"
urlpatterns = [path("healthz", views.healthz, name="healthz")]
