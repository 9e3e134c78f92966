"""Case pages, lists and search."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from workflows.web.views import (
    case,
    documents,
    ledger,
    left,
    lists,
    mails,
    operations,
    purposes,
    reminders,
    search,
    shared,
)


class CaseWay(StringConverter):
    regex = "out|in"


register_converter(CaseWay, "case_way")

urlpatterns: list[URLPattern] = [
    path("out/<uuid:public_id>/", case.outgoing, name="outgoing"),
    path("in/<uuid:public_id>/", case.incoming, name="incoming"),
    path("out/<uuid:public_id>/evidence/", ledger.outgoing, name="outgoing_ledger"),
    path("in/<uuid:public_id>/evidence/", ledger.incoming, name="incoming_ledger"),
    path("<case_way:way>/<uuid:public_id>/evidence/export.csv", ledger.export_csv, name="ledger_csv"),
    path("<case_way:way>/<uuid:public_id>/evidence/case.jsonld", ledger.export_jsonld, name="ledger_jsonld"),
    path("exhibits/<uuid:public_id>/", ledger.exhibit, name="exhibit"),
    path("<case_way:way>/<uuid:public_id>/purpose", purposes.purpose, name="purpose"),
    path("<case_way:way>/<uuid:public_id>/purpose/end", purposes.purpose_end, name="purpose_end"),
    path("<case_way:way>/<uuid:public_id>/documents", documents.documents, name="case_documents"),
    path(
        "<case_way:way>/<uuid:public_id>/documents/<slug:kind>/<slug:about>", documents.make, name="case_document_make"
    ),
    path("<case_way:way>/<uuid:public_id>/mails/<slug:sha256>", mails.mail, name="mail"),
    path("<case_way:way>/<uuid:public_id>/operation", operations.put_in, name="case_operation"),
    path("documents/case/<uuid:public_id>/send", documents.send, name="case_document_send"),
    path("out/", lists.outgoing_list, name="outgoing_list"),
    path("out/export.csv", lists.outgoing_export, name="outgoing_export"),
    path("in/", lists.incoming_list, name="incoming_list"),
    path("in/export.csv", lists.incoming_export, name="incoming_export"),
    path("lists/forget", lists.saved_forget, name="saved_forget"),
    path("shared/", shared.shared_list, name="shared_list"),
    path("shared/<uuid:public_id>/", shared.shared, name="shared"),
    path("reminders/<uuid:public_id>/seen", reminders.reminder_seen, name="reminder_seen"),
    path("left/", left.left, name="left"),
    path("search", search.search, name="search"),
]
