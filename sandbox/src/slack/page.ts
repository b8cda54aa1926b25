import { createHash } from 'node:crypto';
import type { ServiceRequest, ServiceResponse } from '../service';
import { PAGE_SCRIPT } from './page-script';
import { pageState } from './page-state';
import { PAGE_STYLE } from './page-style';
import type { SlackState } from './state';
import { TEAM } from './workspace';

const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but this page's own script and style may run, and it may talk to nobody but this server. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; script-src ${digest(PAGE_SCRIPT)}; style-src ${digest(PAGE_STYLE)}; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Crect width=%2216%22 height=%2216%22 rx=%224%22 fill=%22%233b1f43%22/%3E%3Cpath d=%22M5 3v10M11 3v10M3 6h10M3 10h10%22 stroke=%22white%22 stroke-width=%221.4%22/%3E%3C/svg%3E';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Simulated Slack</title>
<link rel="icon" href="${ICON}">
<style>${PAGE_STYLE}</style>
</head>
<body>
<div class="banner"><b>Simulated Slack</b><span>A stand-in for demos and tests. The people and the company are invented.</span></div>
<nav aria-label="Channels"><h1>${TEAM.name}<small>simulated workspace</small></h1><div id="channels"></div>
<label class="me">You are<select id="me"></select><span id="mine"></span></label></nav>
<main>
<header><h2 id="title">…</h2><p id="topic"></p><p id="members"></p><span id="live" role="status">live</span></header>
<div id="messages" role="log" aria-label="Messages" tabindex="0"></div>
</main>
<dialog id="modal" aria-labelledby="modal-title"><form method="dialog"><h2 id="modal-title"></h2><div id="modal-body"></div><p id="modal-problem" class="wrong" role="alert"></p>
<footer><button type="button" class="button" id="modal-close"></button><button type="submit" class="button primary" id="modal-submit"></button></footer></form></dialog>
<dialog id="sure" aria-labelledby="sure-title"><h2 id="sure-title"></h2><div id="sure-body"></div>
<footer><button type="button" class="button" id="sure-no"></button><button type="button" class="button primary" id="sure-yes"></button></footer></dialog>
<noscript><p>This page needs its own script to show messages.</p></noscript>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;

/** Answers the page's own addresses; undefined for everything else. */
export function answerPage(
  request: ServiceRequest,
  state: SlackState,
  interactivity: () => string,
): ServiceResponse | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  if (request.path === '/' || request.path.startsWith('/archives/'))
    return { status: 200, headers: HEADERS, body: PAGE };
  if (request.path !== '/page/state') return undefined;
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  if (request.query.get('since') === String(state.version))
    return { status: 200, headers, body: { version: state.version, unchanged: true } };
  return {
    status: 200,
    headers,
    body: pageState(
      state,
      request.query.get('channel') ?? undefined,
      request.query.get('user') ?? undefined,
      interactivity(),
    ),
  };
}
