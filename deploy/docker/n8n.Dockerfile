# n8n with the nodes baked in: main, workers and webhook processors load the same version, and none looks for it at start.
FROM node:24-slim AS pack
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run build && npm pack --pack-destination /tmp

FROM n8nio/n8n:2.41.1
USER root
COPY --from=pack /tmp/n8n-nodes-soc-*.tgz /tmp/n8n-nodes-soc.tgz
# What n8n's own installer leaves: the unpacked package, and the ledger that names it.
RUN mkdir -p /home/node/.n8n/nodes/node_modules/n8n-nodes-soc \
 && tar -xzf /tmp/n8n-nodes-soc.tgz -C /home/node/.n8n/nodes/node_modules/n8n-nodes-soc --strip-components=1 \
 && node -e "const {name,version}=require('/home/node/.n8n/nodes/node_modules/n8n-nodes-soc/package.json');require('fs').writeFileSync('/home/node/.n8n/nodes/package.json',JSON.stringify({name:'installed-nodes',private:true,dependencies:{[name]:version}}))" \
 && chown -R node:node /home/node/.n8n && rm /tmp/n8n-nodes-soc.tgz
USER node
