'use client';
import { X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import type { FieldOrigin, HostDetail } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { formatExact, missing } from '../format/index.ts';
import { explain } from './explain.ts';
import type { Explanation, FormulaInput } from './explanation.ts';
import type { Subject } from './subject.ts';
import { type RawState, useHostRaw } from './use-raw.client.ts';

interface OriginPopoverProps {
  readonly subject: Subject | null;
  readonly host: HostDetail;
  readonly origins: readonly FieldOrigin[];
  readonly serverTime: string;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly close: () => void;
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

const Mono = ({ children, testId }: { children: ReactNode; testId?: string }) => (
  <code data-testid={testId} className="whitespace-pre-wrap [overflow-wrap:anywhere] font-mono text-xs">
    {children}
  </code>
);

/** A line may end after any comma of a long list of columns, rather than within a name. */
const breakable = (command: string): ReactNode =>
  command.split(',').flatMap((part, index) => (index === 0 ? [part] : [',', <wbr key={part} />, part]));

/** A long part that scrolls by itself, by keyboard too. */
function Scrolling({
  label,
  className,
  children,
}: {
  label: string;
  className: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section aria-label={label} tabIndex={0} className={`overflow-y-auto ${className}`}>
      {children}
    </section>
  );
}

/** With milliseconds and the zone left to the label: two clocks are to be compared. */
const exact = (iso: string): string => `${formatExact(iso, 'UTC').slice(0, 19)}${iso.slice(19, 23)} UTC`;

function Times({ sampledAt, host, serverTime }: { sampledAt: string; host: HostDetail; serverTime: string }) {
  const onHub = new Date(Date.parse(sampledAt) - (host.clockOffsetSeconds ?? 0) * 1000).toISOString();
  return (
    <Row label="Read at">
      {exact(new Date(sampledAt).toISOString())} <span className="text-muted">host clock</span>
      <br />
      {exact(onHub)} <span className="text-muted">hub clock</span>, <Age at={onHub} serverTime={serverTime} />
    </Row>
  );
}

function Inputs({ inputs }: { inputs: readonly FormulaInput[] }) {
  return (
    <Scrolling label="Inputs" className="mt-1 max-h-40">
      <ul>
        {inputs.map(({ name, value, printed }) => (
          <li key={name} className="flex justify-between gap-3 border-t border-line py-0.5">
            <span className="min-w-0 break-words">{name}</span>
            <span className="shrink-0 text-right">
              {value}
              {printed === null ? null : (
                <>
                  {' '}
                  <Mono>{printed}</Mono>
                </>
              )}
            </span>
          </li>
        ))}
        {inputs.length === 0 ? <li className="text-muted">none</li> : null}
      </ul>
    </Scrolling>
  );
}

/** The raw text, or why it is not there yet or never. */
function Printed({ told, state }: { told: Explanation; state: RawState }) {
  if (told.formula !== null) return null;
  const text = told.printed;
  return (
    <Row label="Printed">
      {text !== null ? (
        <Mono testId="origin-printed">{text}</Mono>
      ) : (
        <span className="text-muted" role="status">
          {state.raw !== null ? 'no such text' : (state.problem ?? 'asked the agent for it…')}
        </span>
      )}
    </Row>
  );
}

/** A long list of columns is shown as the one that is meant, and whole when asked for. */
function Command({ command, column }: { command: string; column: string | null }) {
  const list = /--query-[a-z-]+=(\S+)/.exec(command)?.[1];
  const isLong = list !== undefined && column !== null && list.split(',').length > 3 && list.includes(column);
  if (!isLong) return <Mono testId="origin-command">{breakable(command)}</Mono>;
  return (
    <details>
      <summary className="rounded-sm" title="The whole command">
        <Mono testId="origin-command">{command.replace(list, `…,${column},…`)}</Mono>
      </summary>
      <div className="mt-1 border-t border-line pt-1">
        <Mono testId="origin-command-whole">{breakable(command)}</Mono>
      </div>
    </details>
  );
}

function Details({ told, state, serverTime }: { told: Explanation; state: RawState; serverTime: string }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1.5 px-3 py-2">
      {told.why === null ? null : <Row label="Missing">{told.why}</Row>}
      <Printed told={told} state={state} />
      {told.formula === null ? null : (
        <Row label="Computed">
          {told.formula.text}
          <Inputs inputs={told.formula.inputs} />
        </Row>
      )}
      {told.place === null ? null : (
        <Row label={told.place.what}>
          <Mono testId="origin-place">{told.place.name}</Mono>
        </Row>
      )}
      {told.command === null ? null : (
        <Row label="Of">
          <Command command={told.command} column={told.place?.name ?? null} />
        </Row>
      )}
      {told.sampledAt === null ? null : (
        <Times sampledAt={told.sampledAt} host={state.host} serverTime={serverTime} />
      )}
      {told.conversion === null ? null : <Row label="Read as">{told.conversion}</Row>}
      {told.api === null ? null : (
        <Row label="In the API">
          <Mono>{told.api}</Mono>
        </Row>
      )}
    </dl>
  );
}

/** One popover for all numbers of a page: it stands beside the one that was asked about, and follows its reading. */
export function OriginPopover({ subject, host, origins, serverTime, anchor, close }: OriginPopoverProps) {
  const isLeft = useRef(false);
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (subject !== null) content.current?.focus();
  }, [subject]);
  const state = useHostRaw(host, subject !== null);
  const told = subject === null ? null : explain(subject, { host: state.host, raw: state.raw, origins });
  return (
    <Popover.Root open={told !== null} onOpenChange={(isOpen) => (isOpen ? undefined : close())}>
      <Popover.Anchor virtualRef={anchor as RefObject<HTMLElement>} />
      <Popover.Portal>
        {told === null ? null : (
          <Popover.Content
            align="start"
            sideOffset={4}
            collisionPadding={8}
            aria-label={`Where ${told.title} comes from`}
            data-testid="origin"
            ref={content}
            onInteractOutside={(event) => {
              // Another number moves it there by itself; closing comes after that press and would undo it.
              if (event.target instanceof Element && event.target.closest('[data-origin]') !== null)
                event.preventDefault();
              else isLeft.current = true;
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              // Whoever pressed elsewhere is there now: a focus put back late would close what they opened.
              if (!isLeft.current) anchor.current?.focus();
              isLeft.current = false;
            }}
            className="z-40 outline-none max-h-(--radix-popover-content-available-height) w-[min(27rem,calc(100vw-1rem))] overflow-y-auto rounded-lg border border-line bg-surface text-[13px] shadow-lg"
          >
            <div className="flex items-baseline gap-3 border-b border-line px-3 py-1.5">
              <span className="font-medium">{told.title}</span>
              <span className="ml-auto" data-testid="origin-value">
                {told.value ?? missing}
              </span>
              <Popover.Close
                aria-label="Close"
                className="inline-flex size-6 shrink-0 items-center justify-center self-center rounded-md text-muted hover:bg-raised hover:text-text"
              >
                <X className="size-3.5" aria-hidden />
              </Popover.Close>
            </div>
            <Details told={told} state={state} serverTime={serverTime} />
          </Popover.Content>
        )}
      </Popover.Portal>
    </Popover.Root>
  );
}
