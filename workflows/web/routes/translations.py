"""Translations of letters, their files, and the glossary of terms."""

from django.urls import URLPattern, path

from workflows.web.views import glossary, translation_files, translation_pages, translations

urlpatterns: list[URLPattern] = [
    path("translations/", translations.translations, name="translations"),
    path("translations/<uuid:public_id>/", translations.translation, name="translation"),
    path("translations/<uuid:public_id>/texts/<int:position>", translations.unit_saved, name="translation_text"),
    path("translations/<uuid:public_id>/annexes/<slug:key>", translations.annex, name="translation_annex"),
    path(
        "translations/<uuid:public_id>/annexes/<slug:key>/file", translation_files.annex_file, name="translated_annex"
    ),
    path(
        "translations/<uuid:public_id>/annexes/<slug:key>/source", translation_files.annex_source, name="annex_source"
    ),
    path("translations/<uuid:public_id>/texts.xlf", translation_files.xliff, name="translation_xliff"),
    path("translations/<uuid:public_id>/texts.tmx", translation_files.tmx, name="translation_tmx"),
    path("translations/<uuid:public_id>/bring-in", translation_files.bring_in, name="translation_bring_in"),
    path("translations/<uuid:public_id>/letter.pdf", translation_files.document, name="translation_document"),
    path("translations/<uuid:public_id>/pages/", translation_pages.translation_pages, name="translation_pages"),
    path(
        "translations/<uuid:public_id>/pages/make",
        translation_pages.translation_pages_make,
        name="translation_pages_make",
    ),
    path(
        "translations/<uuid:public_id>/pages/<slug:key>/<int:page_number>.png",
        translation_pages.translation_page_image,
        name="translation_page_image",
    ),
    path("translations/<uuid:public_id>/certificate", translation_files.certificate, name="translation_certificate"),
    path("out/<uuid:public_id>/translations/", translations.of_case, name="translations_case"),
    path("glossary/", glossary.glossary, name="glossary"),
    path("glossary/add", glossary.add, name="term_add"),
    path("glossary/<uuid:public_id>/", glossary.change, name="term"),
]
