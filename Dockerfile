# Asterisk >= 22.10.1 is in Debian testing. In the container it and our programs run under accounts without capabilities.
FROM debian:forky-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        asterisk asterisk-moh-opsound-wav ffmpeg openssl python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && for account in hotline-asterisk hotline; do \
        useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin $account; done

WORKDIR /opt/hotline
COPY . .
RUN bin/setup

ENV HOTLINE_HOME=/var/lib/hotline HOTLINE_CONTAINER=1
VOLUME /var/lib/hotline
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD [".venv/bin/hotline", "status"]
CMD [".venv/bin/hotline", "serve"]
