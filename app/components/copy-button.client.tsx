'use client';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

/** Copies a text. Without a clipboard (plain HTTP on another host) it selects the text beside it. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState<'copied' | 'selected' | null>(null);
  useEffect(() => {
    if (done === null) return;
    const timer = setTimeout(() => setDone(null), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async (button: HTMLElement) => {
    try {
      await navigator.clipboard.writeText(text);
      setDone('copied');
    } catch {
      const code = button.parentElement?.querySelector('code');
      if (code !== null && code !== undefined) getSelection()?.selectAllChildren(code);
      setDone('selected');
    }
  };
  const Icon = done === 'copied' ? Check : Copy;
  return (
    <button
      type="button"
      onClick={(event) => void copy(event.currentTarget)}
      className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-md border border-line px-2.5 text-accent hover:bg-raised"
    >
      <Icon className="size-3.5" aria-hidden />
      <span aria-live="polite">
        {done === 'copied' ? 'Copied' : done === 'selected' ? 'Selected: press Ctrl-C' : label}
      </span>
    </button>
  );
}
