# syntax=docker/dockerfile:1
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
HEALTHCHECK --interval=2s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4566/_holdfast/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["holdfast"]
CMD ["serve", "--host", "0.0.0.0"]
