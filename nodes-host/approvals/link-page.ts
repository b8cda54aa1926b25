import { literalJson, literalLine } from '../../operations/slack/literal-text';
import { cleanText } from '../../operations/text';
import type { Waiting } from './waiting';

/** A page whose every text from outside is escaped; it has no script, and loads nothing. */
export interface LinkPage {
  html: string;
}

/** Shows what is asked, with a form. The form posts to the address the page has, which n8n signed. */
export function askPage(waiting: Waiting, problem?: string): LinkPage {
  const { action, justification } = waiting;
  const details = [
    `action  ${literalLine(action.name)}`,
    `target  ${literalLine(action.target)}`,
    ...(Object.keys(action.arguments).length === 0 ? [] : ['with', literalJson(action.arguments)]),
  ].join('\n');
  const said = cleanText([action.title, justification ?? ''].filter((text) => text !== '').join('\n\n'), 3000);
  return page(
    'Approval needed',
    `${problem === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`}
<pre>${escapeHtml(cleanText(details, 25_000))}</pre>
<p class="quiet">Expires ${escapeHtml(waiting.expires_at.replace('T', ' ').slice(0, 19))} UTC. Unanswered is no.</p>
${said === '' ? '' : `<h2>What the requester wrote about it <small>(unchecked; no part of the approval)</small></h2><p class="said">${escapeHtml(said)}</p>`}
<p class="note"><strong>Without identity.</strong> Whoever has this link can decide, and nobody will know who did.</p>
<form method="post">
<label for="reason">Reason${waiting.ask_reason ? ', needed to deny' : ''}</label>
<textarea id="reason" name="reason" maxlength="1000" rows="3"></textarea>
<div class="row">
<button class="yes" name="decision" value="approved">Approve</button>
<button name="decision" value="denied">Deny</button>
</div>
</form>
<p class="quiet">${escapeHtml(waiting.approval_id)} · sha256 ${escapeHtml(waiting.action_digest)}</p>`,
  );
}

export function notePage(title: string, text: string): LinkPage {
  return page(title, `<p>${escapeHtml(text)}</p>`);
}

function page(title: string, body: string): LinkPage {
  return {
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body><main><h1>${escapeHtml(title)}</h1>
${body}
</main></body>
</html>`,
  };
}

const style = `body{font:16px/1.5 system-ui,sans-serif;color:#1d1c1d;background:#f6f5f7;margin:0;padding:2rem 1rem}
main{max-width:44rem;margin:0 auto;background:#fff;border:1px solid #ddd8e0;border-radius:10px;padding:1.5rem 2rem}
h1{font-size:1.4rem;margin:0 0 1rem}h2{font-size:1rem;margin:1.25rem 0 .25rem}small{font-weight:400;color:#616061}
pre{background:#f4f2f6;border:1px solid #e2dde7;border-radius:6px;padding:.75rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere}
.said{white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid #ddd8e0;padding-left:.75rem;margin:.25rem 0}
.note{background:#fff6dc;border:1px solid #ecd9a0;border-radius:6px;padding:.5rem .75rem}
.problem{background:#fdeaea;border:1px solid #e7b4b4;border-radius:6px;padding:.5rem .75rem}
.quiet{color:#616061;font-size:.85rem;overflow-wrap:anywhere}
label{display:block;font-weight:600;margin-top:1rem}textarea{box-sizing:border-box;width:100%;font:inherit;padding:.5rem;border:1px solid #8d8790;border-radius:6px}
.row{display:flex;gap:.75rem;margin:1rem 0}button{font:inherit;font-weight:600;padding:.5rem 1.25rem;border-radius:6px;border:1px solid #8d8790;background:#fff;cursor:pointer}
.yes{background:#00684a;border-color:#00684a;color:#fff}button:focus-visible,textarea:focus-visible{outline:3px solid #7aa7ff;outline-offset:1px}`;

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
