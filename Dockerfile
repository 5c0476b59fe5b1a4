# runC Lab as one container image. One base for both stages: Debian forky, whose own packages are Node 24 (the current
# LTS line), and the runc and Docker of the sandboxes. Works with BuildKit and with the classic builder, and needs nothing
# but Debian's and npm's package registries.
#
#   docker compose up --build          # see compose.yaml for the options that it needs to run, each explained
#   docker build --build-arg LAB_BASE_PATH=/lab -t runc-lab .    # for a lab below a path of a site
ARG BASE=debian:forky-slim

# --- build: npm packages with a compiled node-pty, the servers, the site, and the packages of the sandbox image ---------
FROM ${BASE} AS build
RUN apt-get -o Acquire::Check-Valid-Until=false update \
 && apt-get -o Dpkg::Options::=--force-unsafe-io install --yes --no-install-recommends \
      nodejs npm libnode-dev build-essential python3 \
      mmdebstrap debian-archive-keyring ca-certificates zstd \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/runc-lab

# First what changes least: the npm packages are installed again only when the lock changes.
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN node scripts/build.mjs --packages-only

# Then the packages of the sandboxes. Each layer is made again when its recipe changes.
COPY server server
COPY spec spec
COPY components components
COPY sandbox sandbox
ARG LAB_DEBIAN_MIRROR=
RUN node scripts/build.mjs --servers-only && node build/image.js prepare

COPY . .
# Fixed when the site is built: a lab below a path needs an image of its own.
ARG LAB_BASE_PATH=
RUN node scripts/build.mjs \
 && npm prune --omit=dev --no-audit --no-fund \
 && docker/slim \
 && rm -rf .next/cache .next/trace* .next/diagnostics .next/types \
 && find .next/server build -name '*.map' -delete \
 # What is served, in a folder of its own: no sources, no tests, no caches.
 && mkdir /app \
 && for part in build .next node_modules lessons public sandbox sandbox-prepared scripts package.json next.config.js LICENSE; do \
      if [ -e "$part" ]; then cp -a "$part" /app/; fi; done

# --- the image ----------------------------------------------------------------------------------------------------------
FROM ${BASE}
LABEL org.opencontainers.image.title="runC Lab" \
      org.opencontainers.image.description="An interactive lab: write a container's config.json, run it with real runC." \
      org.opencontainers.image.licenses="Apache-2.0"
# nodejs: both processes. tini: process 1, which reaps what sandboxes leave behind. e2fsprogs, mount, util-linux: disks and
# namespaces of sandboxes. patchelf, zstd: the sandbox image is put together at the first start. procps: `doctor`. The
# second line is for LAB_EGRESS alone.
RUN apt-get -o Acquire::Check-Valid-Until=false update \
 && apt-get -o Dpkg::Options::=--force-unsafe-io install --yes --no-install-recommends nodejs tini e2fsprogs mount util-linux patchelf procps zstd \
      passt nftables dnsmasq-base iproute2 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/doc/*/changelog* /usr/share/man/* \
 # The process that faces the network runs as this user, and owns nothing but one secret.
 && useradd --system --no-create-home --shell /usr/sbin/nologin runclab \
 # Where the entrypoint mounts an uncovered /proc and /sys: see docker/entrypoint.
 && mkdir /.proc /.sys /var/lib/runclab
COPY --from=build /app /opt/runc-lab
COPY docker/entrypoint /usr/local/bin/runc-lab
WORKDIR /opt/runc-lab
# Reachable from outside the container; what is published, and where, is compose.yaml's business.
ENV HOST=0.0.0.0 PORT=3000 NODE_ENV=production NEXT_TELEMETRY_DISABLED=1
EXPOSE 3000
# The sandbox image (made at the first start) and the sandboxes' disks.
VOLUME /var/lib/runclab
# 503 while the host process is away. The first start takes its time.
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "scripts/health.mjs"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "runc-lab"]
