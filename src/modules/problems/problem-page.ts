import type { ProblemDescription } from '../../common/problem-catalog.js';

/** A page for somebody who follows the `type` of a problem in a browser. Texts come from the catalog only. */
export function toHtml(entry: ProblemDescription & { readonly type: string }): string {
  const { type, status, title, description } = entry;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<h1>${escapeHtml(title)}</h1>
<p><code>${escapeHtml(type)}</code>, status ${status}</p>
<p>${escapeHtml(description)}</p>
<p><a href="/problems">All problems</a> · <a href="/docs">The API</a></p>
</html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
