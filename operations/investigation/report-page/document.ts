import { type Html, html } from './html';
import { style } from './style';

/**
 * A whole page in one file: no scripts, nothing loaded from anywhere, forms that lead nowhere. The same parts give the same
 * bytes.
 */
export function htmlDocument(title: string, main: Html): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${style}</style>
</head>
<body><main>
${main}
</main></body>
</html>
`;
  return markup;
}
