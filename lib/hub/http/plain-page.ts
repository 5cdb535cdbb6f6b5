/** Pages that must work without Next: a heading and some words. They load nothing and run nothing. */
export const plainPageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  // Not no-referrer, which would make the form's Origin "null".
  'referrer-policy': 'same-origin',
  'x-robots-tag': 'noindex',
};

const style =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;' +
  'min-height:90vh;margin:0;padding:1rem}main{max-width:26rem;overflow-wrap:anywhere}button{font:inherit;' +
  'padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}' +
  'button:focus-visible{outline:3px solid #93c5fd}';

/** `content` is HTML; whatever is not ours in it goes through escapeHtml. */
export const plainPage = (title: string, content: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title} · gpufleet</title>` +
  `<meta name="viewport" content="width=device-width"><style>${style}</style></head>` +
  `<body><main><h1>${title}</h1>${content}</main></body></html>`;

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
