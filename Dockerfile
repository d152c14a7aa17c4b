FROM node:24-slim AS build
WORKDIR /source
COPY . .
RUN npm ci && npm run build:packages && mkdir /tarballs && npm pack --pack-destination /tarballs ./dist/local ./dist/cli

FROM node:24-slim
# Python functions run on the image's Python.
RUN apt-get update && apt-get install --yes --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/holdfast
RUN --mount=from=build,source=/tarballs,target=/tarballs \
  npm init --yes >/dev/null && npm install --no-fund --no-audit /tarballs/*.tgz && npm cache clean --force \
  && mkdir /data && chown node /data
ENV PATH=/opt/holdfast/node_modules/.bin:$PATH HOLDFAST_DATA_DIR=/data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 4566
# Every two seconds: bash takes a millisecond of CPU, where Node.js would take ninety.
HEALTHCHECK --interval=2s --start-period=10s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${HOLDFAST_PORT:-4566} && printf 'GET /_holdfast/health HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["holdfast"]
CMD ["serve", "--host", "0.0.0.0"]
