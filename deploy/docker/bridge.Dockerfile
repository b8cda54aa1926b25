# The bridge alone: its one file and what it needs at run time, from the lockfile, without install scripts.
FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY bridge/package.json bridge/
COPY sandbox/package.json sandbox/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY bridge/package.json bridge/
COPY sandbox/package.json sandbox/
RUN npm ci --omit=dev --omit=optional --workspace bridge --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY --from=build /src/bridge/dist bridge/dist
COPY LICENSE NOTICE ./
USER node
EXPOSE 3333
# Open to whoever reaches the container, so that whoever runs it has to say how callers are told apart.
ENV SOC_BRIDGE_HOST=0.0.0.0
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:'+(process.env.SOC_BRIDGE_PORT||3333)+'/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "bridge/dist/soc-bridge.js"]
CMD ["serve"]
