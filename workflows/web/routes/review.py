"""The letter as it will be, the intake, and the review."""

from django.urls import URLPattern, path

from workflows.web.views import advice, letter, pages, queues, review, word

urlpatterns: list[URLPattern] = [
    path("intake/", queues.intake, name="intake"),
    path("review/", queues.review, name="review"),
    path("advice/", advice.advice_list, name="advice"),
    path("advice/<uuid:public_id>/", advice.advice, name="advice_letter"),
    path("advice/<uuid:public_id>/comment", advice.comment, name="advice_comment"),
    path("out/<uuid:public_id>/letter/preview", letter.preview, name="letter_preview"),
    path("out/<uuid:public_id>/letter/comment", letter.comment, name="letter_comment"),
    path("letters/<uuid:public_id>/<int:number>/letter.docx", word.working_copy, name="letter_word"),
    path("letters/<uuid:public_id>/<int:number>/compare", word.compare, name="letter_compare"),
    path("letters/<uuid:public_id>/<int:number>/pages/", pages.letter_pages, name="letter_pages"),
    path("letters/<uuid:public_id>/<int:number>/pages/make", pages.letter_pages_make, name="letter_pages_make"),
    path(
        "letters/<uuid:public_id>/<int:number>/pages/<slug:key>/<int:page_number>.png",
        pages.letter_page_image,
        name="letter_page_image",
    ),
    path("out/<uuid:public_id>/review/", review.review_case, name="review_case"),
]
