"""Effects, the record, the office, how one is told, help, the purpose of reading."""

from django.urls import URLPattern, path

from workflows.web.views import audit, helping, jobs, notifying, office, office_calendar

urlpatterns: list[URLPattern] = [
    path("audit/", audit.audit, name="audit"),
    path("audit/purpose", audit.purpose, name="audit_purpose"),
    path("audit/purpose/end", audit.purpose_end, name="audit_purpose_end"),
    path("audit/verify", audit.verify, name="audit_verify"),
    path("audit/export", audit.export, name="audit_export"),
    path("audit/entry/<uuid:public_id>/", audit.entry, name="audit_entry"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<uuid:public_id>/", jobs.job, name="job"),
    path("office/", office.office, name="office"),
    path("office/facts", office.office_facts, name="office_facts"),
    path("office/calendar", office_calendar.office_calendar, name="office_calendar"),
    path("office/member/add", office.member_add, name="member_add"),
    path("office/member/<uuid:public_id>/", office.member, name="member"),
    path("notifications/", notifying.notifications, name="notifications"),
    path("notifications/calendar", notifying.calendar_address, name="calendar_address"),
    path("calendar/<str:secret>.ics", notifying.calendar_feed, name="calendar_feed"),
    path("help/", helping.help_page, name="help"),
]
