/** What the dashed line of a chart is, with its value; nothing where there is none. Outside the lines, which would strike it through. */
export function LimitKey({ words, value }: { words: string; value: string | null }) {
  if (value === null) return null;
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap text-xs text-muted">
      <span aria-hidden className="w-4 border-t border-dashed border-line-strong" />
      {words} {value}
    </span>
  );
}
