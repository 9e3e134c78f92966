"""Drafting a letter: the new one, its task list, sections and entries."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from workflows.web.drafting.sections import SECTIONS
from workflows.web.views import (
    again,
    annex_uploads,
    drafting,
    drafting_annexes,
    drafting_forecast,
    drafting_history,
    drafting_new,
    drafting_reuse,
    preserving,
    sealed,
)


class SectionSlug(StringConverter):
    regex = "|".join(section.slug for section in SECTIONS)


class EntryKey(StringConverter):
    regex = "[A-Z]{1,3}[0-9]{1,4}|[0-9]{1,3}|new-[a-z_]{1,20}"


register_converter(SectionSlug, "section")
register_converter(EntryKey, "entry")

urlpatterns: list[URLPattern] = [
    path("out/<uuid:public_id>/follow-up", preserving.follow_up, name="letter_follow_up"),
    path("out/<uuid:public_id>/resubmit", again.resubmit, name="letter_resubmit"),
    path("out/<uuid:public_id>/send-on", again.send_on, name="letter_send_on"),
    path("out/<uuid:public_id>/reopen", again.reopen, name="letter_reopen"),
    path("out/<uuid:public_id>/letter/preserve/<entry:key>", preserving.preserve, name="letter_preserve"),
    path("out/new", drafting_new.letter_new, name="letter_new"),
    path("out/<uuid:public_id>/follow", drafting_reuse.follow, name="letter_follow"),
    path("out/<uuid:public_id>/copy", drafting_reuse.copy, name="letter_copy"),
    path("out/<uuid:public_id>/letter/", drafting.letter, name="letter"),
    path("out/<uuid:public_id>/letter/difference", drafting_reuse.difference, name="letter_difference"),
    path("out/<uuid:public_id>/letter/<section:slug>/checked", drafting_reuse.checked, name="letter_checked"),
    path("out/<uuid:public_id>/letter/sealed", sealed.sealed, name="letter_sealed"),
    path("out/<uuid:public_id>/letter/forecast", drafting_forecast.forecast, name="letter_forecast"),
    path("out/<uuid:public_id>/letter/history/", drafting_history.history, name="letter_history"),
    path("out/<uuid:public_id>/letter/history/<uuid:earlier_id>/", drafting_history.earlier, name="letter_earlier"),
    path("out/<uuid:public_id>/letter/waive", drafting.waive, name="letter_waive"),
    path("out/<uuid:public_id>/letter/annexes/uploads", annex_uploads.begin, name="letter_uploads"),
    path("out/<uuid:public_id>/letter/annexes/uploads/<uuid:upload_id>", annex_uploads.piece, name="letter_upload"),
    path(
        "out/<uuid:public_id>/letter/annexes/uploads/<uuid:upload_id>/finish",
        annex_uploads.finish,
        name="letter_upload_finish",
    ),
    path(
        "out/<uuid:public_id>/letter/annexes/uploads/<uuid:upload_id>/discard",
        annex_uploads.discard,
        name="letter_upload_discard",
    ),
    path("out/<uuid:public_id>/letter/annexes/<entry:key>/move", drafting_annexes.move, name="letter_annex_move"),
    path("out/<uuid:public_id>/letter/<section:slug>/", drafting.section, name="letter_section"),
    path("out/<uuid:public_id>/letter/<section:slug>/<entry:key>/", drafting.entry, name="letter_entry"),
    path("out/<uuid:public_id>/letter/<section:slug>/<entry:key>/remove", drafting.entry_remove, name="letter_remove"),
]
