'use client';
import { useEffect, useState } from 'react';
import { type CompatCheckAnswer, runsAtAll } from '../../lib/model/index.ts';
import { buttonLook, inputLook } from '../components/form-parts.tsx';
import { Panel } from '../components/page-parts.tsx';
import { pushInUrl, useUrlText } from '../components/url-state.client.ts';
import { plural } from '../format/index.ts';
import { Outcomes } from './outcomes.tsx';
import { useAnswer } from './use-answer.client.ts';
import { askWords, evidenceWords, readAsk } from './words.ts';

function headline({ outcomes }: CompatCheckAnswer): string {
  const hosts = outcomes.filter(({ verdict }) => runsAtAll(verdict)).flatMap((each) => each.hosts);
  const all = outcomes.reduce((sum, each) => sum + each.hosts.length, 0);
  const free = hosts.reduce((sum, { freeGpus }) => sum + (freeGpus ?? 0), 0);
  const unknown = outcomes
    .filter(({ verdict }) => verdict.verdict === 'unknown')
    .reduce((sum, each) => sum + each.hosts.length, 0);
  const rest = unknown === 0 ? '' : ` Of ${plural(unknown, 'host')} it is not known.`;
  if (hosts.length === 0) return `It is known to run on none of ${plural(all, 'host')}.${rest}`;
  const now = free === 0 ? 'no GPU there is known to be free now' : `${plural(free, 'GPU')} free there now`;
  return `It runs on ${hosts.length} of ${plural(all, 'host')}; ${now}.${rest}`;
}

function ReadFrom({ answer }: { answer: CompatCheckAnswer }) {
  const { image, container } = answer;
  const parts = [
    ...(image === null
      ? []
      : [image.from === 'fleet' ? 'as hosts of the fleet have it' : 'as its registry has it']),
    ...(container.cuda === null
      ? ['its CUDA is not known']
      : [`CUDA ${container.cuda.version}, from ${evidenceWords[container.cuda.from]}`]),
    ...(container.compatPackage === 'none' && image === null ? ['without a compat package'] : []),
    ...container.requirements.map(({ name, value }) => `${name}: ${value}`),
  ];
  return <p className="break-words text-xs text-muted">{parts.join(' · ')}</p>;
}

/** The box: an image or a requirement, and which hosts can run it. What is asked is in the address. */
export function Ask({ images }: { images: readonly string[] }) {
  const [asked] = useUrlText('ask');
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  const request = readAsk(asked);
  const answer = useAnswer<CompatCheckAnswer>(
    '/api/v1/compat/check',
    request === null ? null : JSON.stringify(request),
  );
  const problem = answer.refusal;
  return (
    <Panel title="Will it run?" className="mb-4">
      <form
        className="flex flex-wrap items-end gap-2 px-4 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          pushInUrl({ ask: text.trim() });
        }}
      >
        <div className="min-w-0 flex-1 basis-64">
          <label htmlFor="ask" className="mb-1 block text-muted">
            Image, requirement (cuda&gt;=12.8) or CUDA version (12.8)
          </label>
          <input
            id="ask"
            value={text}
            onChange={(event) => setText(event.target.value)}
            list="known-images"
            maxLength={8000}
            autoComplete="off"
            spellCheck={false}
            placeholder="nvcr.io/nvidia/pytorch:25.01-py3"
            className={`${inputLook} font-mono text-[13px]`}
          />
          <datalist id="known-images">
            {images.map((image) => (
              <option key={image} value={image} />
            ))}
          </datalist>
        </div>
        <button type="submit" className={buttonLook.main}>
          Ask
        </button>
      </form>
      <div aria-live="polite" data-testid="answer">
        {request === null ? null : (
          <div className="border-t border-line">
            <div className="px-4 py-2">
              <p className="break-words font-medium">
                {answer.value === null
                  ? problem === null
                    ? `Asking about ${askWords(request)}…`
                    : `${askWords(request)}: ${problem.fields['require'] ?? problem.fields['image'] ?? problem.detail}`
                  : `${askWords(request)}: ${headline(answer.value)}`}
              </p>
              {answer.value === null ? null : <ReadFrom answer={answer.value} />}
            </div>
            {answer.value === null ? null : <Outcomes answer={answer.value} />}
          </div>
        )}
      </div>
    </Panel>
  );
}
