/** How long a server that answers our keep-alives may leave a single question unanswered. */
export const answerSeconds = 30;

/**
 * What ssh2 hands to a callback. It waits for ever for a server that does not answer, so this rejects after `seconds`
 * (`ETIMEDOUT`); what comes too late goes to `onLate`, which closes it.
 */
export function answered<T>(
  ask: (done: (error: Error | null | undefined, value: T) => void) => unknown,
  onLate: (value: T) => void,
  seconds = answerSeconds,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      const late = new Error(`the server does not answer within ${seconds} s`);
      reject(Object.assign(late, { code: 'ETIMEDOUT' }));
    }, seconds * 1000);
    const settle = (error: Error | null | undefined, value: T): void => {
      clearTimeout(timer);
      if (error) reject(error);
      else if (isLate) onLate(value);
      else resolve(value);
    };
    try {
      ask(settle);
    } catch (error) {
      clearTimeout(timer);
      reject(error);
    }
  });
}
