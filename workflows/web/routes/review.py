"""The letter as it will be, the intake, and the review."""

from django.urls import URLPattern, path

from workflows.web.views import advice, letter, queues, review

urlpatterns: list[URLPattern] = [
    path("intake/", queues.intake, name="intake"),
    path("review/", queues.review, name="review"),
    path("advice/", advice.advice_list, name="advice"),
    path("advice/<uuid:public_id>/", advice.advice, name="advice_letter"),
    path("advice/<uuid:public_id>/comment", advice.comment, name="advice_comment"),
    path("out/<uuid:public_id>/letter/preview", letter.preview, name="letter_preview"),
    path("out/<uuid:public_id>/letter/comment", letter.comment, name="letter_comment"),
    path("out/<uuid:public_id>/review/", review.review_case, name="review_case"),
]
