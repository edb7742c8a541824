import { OperatorError } from '../common/operator-error.js';

interface Range {
  readonly min: number;
  readonly max: number;
}

/** The environment cannot be used. Lists names and what was expected, never values: they may be secrets. */
export class InvalidEnvironmentError extends OperatorError {
  override readonly name = 'InvalidEnvironmentError';

  constructor(readonly problems: readonly string[]) {
    super(`The environment is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** Reads variables and collects what is wrong with them, so that all problems are told at once. */
export class EnvironmentReader {
  private readonly found: string[] = [];

  constructor(private readonly environment: Readonly<Record<string, string | undefined>>) {}

  get problems(): readonly string[] {
    return this.found;
  }

  /** A variable that is set to the empty string counts as absent. */
  text(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  }

  url(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !URL.canParse(value)) this.refuse(name, 'a URL');
    return value;
  }

  integer(name: string, range: Range, fallback: number): number {
    return this.optionalInteger(name, range) ?? fallback;
  }

  optionalInteger(name: string, { min, max }: Range): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!(Number.isInteger(number) && number >= min && number <= max)) {
      this.refuse(name, `an integer from ${min} to ${max}`);
      return undefined;
    }
    return number;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return fallback;
    if (['1', 'true', 'yes', 'on'].includes(value)) return true;
    if (['0', 'false', 'no', 'off'].includes(value)) return false;
    this.refuse(name, 'on or off (true or false)');
    return fallback;
  }

  choice<T extends string>(name: string, options: readonly T[], fallback: T): T {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const option = options.find((candidate) => candidate === value.toLowerCase());
    if (option === undefined) this.refuse(name, `one of ${options.join(', ')}`);
    return option ?? fallback;
  }

  refuse(name: string, expected: string): void {
    this.found.push(`${name} must be ${expected}.`);
  }
}
