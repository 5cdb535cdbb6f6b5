/** Lets so many things go on at once; the others wait their turn in order. */
export interface Turns {
  take<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurns(mostAtOnce: number): Turns {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return {
    async take(work) {
      if (busy >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      else busy += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) busy -= 1;
        else next();
      }
    },
  };
}
