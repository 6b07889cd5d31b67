# Asterisk >= 22.10.1 is in Debian testing; in the container it runs under its own account, without capabilities.
FROM debian:forky-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        asterisk asterisk-moh-opsound-wav ffmpeg python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin hotline

WORKDIR /opt/hotline
COPY . .
RUN bin/setup

ENV HOTLINE_HOME=/var/lib/hotline HOTLINE_CONTAINER=1
VOLUME /var/lib/hotline
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD [".venv/bin/hotline", "status"]
CMD [".venv/bin/hotline", "serve"]
