"""The templates of an authority: the list, one template, saving, withdrawing, and a letter that begins from one."""

from django.urls import URLPattern, path

from workflows.web.views import templates

urlpatterns: list[URLPattern] = [
    path("templates/", templates.templates, name="templates"),
    path("templates/<uuid:public_id>/", templates.template, name="template"),
    path("templates/<uuid:public_id>/withdraw", templates.withdraw, name="template_withdraw"),
    path("templates/<uuid:public_id>/new", templates.begin, name="template_letter"),
    path("out/<uuid:public_id>/template", templates.save, name="template_save"),
]
