'use client';
import { FileDown } from 'lucide-react';
import { useState } from 'react';

/** Gives the fleet file with all accepted baselines in it, as a file. */
export function FleetFileLink() {
  const [problem, setProblem] = useState<string | null>(null);
  const save = async () => {
    try {
      const answer = await fetch('/api/v1/fleet-file', { signal: AbortSignal.timeout(10_000) });
      if (!answer.ok) throw new Error(`the hub answers ${answer.status}`);
      const { text } = (await answer.json()) as { readonly text: string };
      const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml;charset=utf-8' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = 'fleet.yaml';
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <button
        type="button"
        onClick={() => void save()}
        title="The fleet file with all accepted baselines in it"
        className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line px-2.5 hover:bg-raised"
      >
        <FileDown className="size-3.5" aria-hidden />
        Fleet file
      </button>
      {problem === null ? null : (
        <span role="alert" className="text-crit">
          {problem}
        </span>
      )}
    </>
  );
}
