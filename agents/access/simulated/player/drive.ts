import type { Step } from './perform.ts';

export interface Driver {
  write(text: string, to: 'stdout' | 'stderr'): void;
  exit(exitCode: number): void;
  /** Comes before the output of a program that is hard to end. */
  brace(how: { readonly ignoreSigterm: boolean; readonly uninterruptible: boolean }): void;
  hang(): void;
  /** The steps threw: a control file that became unreadable in the middle. */
  fail(error: unknown): void;
}

/** Takes the steps in real time until one ends them; returns what stops it early. */
export function drive(steps: Iterator<Step, void, void>, driver: Driver): () => void {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  /** False when nothing more is to be taken now. */
  const take = (): boolean => {
    const { done, value } = steps.next();
    if (done === true) driver.exit(0);
    else if (value.kind === 'exit') driver.exit(value.exitCode);
    else if (value.kind === 'hang') driver.hang();
    else if (value.kind === 'wait') timer = setTimeout(advance, value.milliseconds);
    else if (value.kind === 'brace') {
      driver.brace(value);
      return true;
    } else {
      driver.write(value.text, value.to ?? 'stdout');
      return true;
    }
    return false;
  };
  const advance = (): void => {
    timer = null;
    try {
      while (!stopped && take());
    } catch (error) {
      driver.fail(error);
    }
  };
  advance();
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}
