# One image for every part: collector, dashboard, worker and demo differ by their command alone.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/causeline
COPY pyproject.toml requirements.lock README.md LICENSE causeline.py ./
COPY runtime runtime
COPY collector collector
COPY dashboard dashboard
COPY sample_agents sample_agents
RUN /opt/causeline/bin/pip install --no-cache-dir --disable-pip-version-check \
    --constraint requirements.lock ".[collector,dashboard,postgres,rabbitmq,samples]"

FROM python:3.13-slim
# A volume that is mounted takes over its folder's owner. What the server reads in /redis, it reads as another user.
RUN useradd --system --uid 10001 --home-dir /data causeline \
    && install --directory --owner causeline --mode 0700 /data /keys/worker /keys/demo /keys/dashboard \
    && install --directory --owner causeline --mode 0755 /redis
COPY --from=build /opt/causeline /opt/causeline
ENV PATH=/opt/causeline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CAUSELINE_HOME=/data
USER causeline
WORKDIR /data
ENTRYPOINT ["causeline"]
CMD ["--help"]
