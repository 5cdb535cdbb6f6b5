/**
 * How many times as long as promised a test waits for what it expects: a machine that does much else is late by itself.
 * With TEST_PATIENCE=1 what is promised (three intervals, say) is held to the second; that needs a quiet machine.
 */
export const patience = readPatience(process.env['TEST_PATIENCE'] ?? '4');

function readPatience(text: string): number {
  const times = Number(text);
  if (!(times >= 1 && times <= 20)) throw new RangeError(`TEST_PATIENCE is from 1 to 20, not ${text}`);
  return times;
}
