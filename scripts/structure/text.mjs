// Source text without what isn't code.

/** The text without comments, which begin with a mark or stand between brackets, and without what strings say. */
export function codeOf(text, mark) {
  const comment = mark === '#' ? /<#[^]*?#>|#.*/ : /\/\*[^]*?\*\/|\/\/.*/;
  const string = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/;
  return text.replaceAll(new RegExp(`${string.source}|${comment.source}`, 'g'), (part) =>
    /^["']/.test(part) ? '""' : ' ',
  );
}

export function mentions(code) {
  return new Set(code.match(/[A-Za-z_]\w*/g));
}
