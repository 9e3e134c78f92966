"""The registry, the requested side's desk, and files of a case."""

from django.urls import URLPattern, path

from workflows.web.views import downloads, examination, execution, received, register_import, registry

urlpatterns: list[URLPattern] = [
    path("registry/", registry.registry, name="registry"),
    path("registry/import/", register_import.register_file, name="register_import"),
    path("registry/import/lines", register_import.register_lines, name="register_lines"),
    path("registry/import/left-out.csv", register_import.register_left_out, name="register_left_out"),
    path("registry/import/example.csv", register_import.register_example, name="register_example"),
    path("registry/transmissions/<uuid:public_id>/", registry.transmission_step, name="transmission_step"),
    path("in/receive", received.receive, name="incoming_receive"),
    path("in/<uuid:public_id>/letter/", received.letter, name="incoming_letter"),
    path("in/<uuid:public_id>/examine/", examination.examine, name="examine"),
    path("in/<uuid:public_id>/execution/", execution.execution, name="execution"),
    path("documents/<uuid:public_id>.pdf", downloads.document, name="document"),
    path("documents/case/<uuid:public_id>.pdf", downloads.case_document, name="case_document"),
    path("evidence/<uuid:public_id>", downloads.evidence, name="evidence"),
    path("letters/<uuid:public_id>/<int:number>/annexes/<slug:key>", downloads.annex, name="annex"),
    path("in/<uuid:public_id>/files/<slug:sha256>", downloads.received, name="received_file"),
    path("out/<uuid:public_id>/proofs/<slug:sha256>", downloads.proof, name="proof"),
    path("teams/<uuid:public_id>/files/<slug:sha256>", downloads.team_file, name="team_file"),
]
