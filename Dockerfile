# The bot without the sandbox: docker build --tag muster .
# docs/install.md says how to run it. The base image has the same Debian and Python that the tests run on.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /opt/muster
COPY requirements.txt ./
# Installs only what the lock file names, and checks its hashes; nothing is compiled, so no compiler is needed.
RUN python -m venv --without-pip venv \
    && pip --python venv/bin/python install --no-compile --only-binary :all: --require-hashes -r requirements.txt \
    # Google's client ships a description of every API, over 100 MB in all. Muster only calls the calendar.
    && find venv -path '*/discovery_cache/documents/*' ! -name calendar.v3.json -delete
COPY LICENSE app.py ./
COPY bot bot
COPY storage storage
# Compiled once here, because the container can't write next to the sources.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash app.py bot storage venv

FROM python:${PYTHON}
# Nothing is installed into a running container, so it needs no pip. The user has a number and no name, so that
# Kubernetes can see that it isn't root.
RUN pip uninstall --yes --quiet --root-user-action ignore pip setuptools wheel \
    && rm -r /usr/local/lib/python3*/ensurepip \
    && install --directory --owner 10001 --group 10001 --mode 755 /data
COPY --from=build /opt/muster /opt/muster
ENV PATH=/opt/muster/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    # A user without a name has no home, and Slack's library doesn't load without one.
    HOME=/data \
    # Where an installed Muster keeps its folder: the database is /data/muster/muster.db unless DATABASE_URL is set.
    XDG_DATA_HOME=/data \
    METRICS_PORT=9090
USER 10001:10001
WORKDIR /opt/muster
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "\
import os, urllib.request as web; \
direct = web.build_opener(web.ProxyHandler({})); \
direct.open('http://127.0.0.1:' + os.environ['METRICS_PORT'] + '/healthz', timeout=4)"]
# As a list, without a shell in between, so that signals reach Python itself; the bot stops within 15 seconds of SIGTERM.
ENTRYPOINT ["python", "app.py"]
