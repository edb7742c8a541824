/** Says on stderr what the benchmark does while it does it. */
export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Ends a benchmark with its result: one JSON object, the last line of stdout. */
export function report(result: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Rounds to `digits` decimals, for figures that are read by people. */
export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

/** Largest resident memory of this process so far, MB. */
export function peakMb(): number {
  return round(process.resourceUsage().maxRSS / 1024);
}
