import { DomainError } from '../../common/domain-error.js';
import type { ImportReport } from './import.types.js';

export class ImportHeaderInvalidError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'import-header-invalid';
  override readonly extensions: {
    readonly expected: readonly string[];
    readonly required: readonly string[];
    readonly received: readonly string[];
    readonly missing: readonly string[];
    readonly unknown: readonly string[];
    readonly twice: readonly string[];
  };

  constructor(extensions: ImportHeaderInvalidError['extensions']) {
    const { required, received, missing, unknown, twice } = extensions;
    const problems = [
      missing.length > 0 ? `lacks ${missing.join(', ')}` : '',
      unknown.length > 0 ? `has the unknown ${unknown.join(', ')}` : '',
      twice.length > 0 ? `has ${twice.join(', ')} twice` : '',
    ].filter((problem) => problem !== '');
    super(
      `The CSV header must have ${required.join(', ')}; received ${received.join(', ') || 'nothing'}: it ${problems.join(' and ')}. ` +
        'Name columns with `map=theirs:ours`, or skip the unknown ones with `ignoreUnknown=true`.',
    );
    this.extensions = extensions;
  }
}

/** An option of the import cannot be used; `parameter` says which. */
export class ImportOptionInvalidError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'import-option-invalid';
  override readonly extensions: { readonly parameter: string; readonly expected: string };

  constructor(parameter: string, expected: string, received: string) {
    super(`\`${parameter}\` must be ${expected}, received ${received}.`);
    this.extensions = { parameter, expected };
  }
}

/** An atomic import with a refused line: nothing was kept. */
export class ImportRefusedError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'import-refused';
  override readonly extensions: { readonly report: ImportReport };

  constructor(report: ImportReport) {
    super(
      `${report.refused} of ${report.received} lines were refused, so nothing was imported (atomic=true).`,
    );
    this.extensions = { report };
  }
}

/** The body broke off or is not what its encoding says. Entries before that are kept unless the import is atomic. */
export class ImportBrokenOffError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'import-broken-off';
  override readonly extensions: { readonly report: ImportReport };

  constructor(report: ImportReport, cause: unknown) {
    super(
      `The body ended in an error after ${report.received} lines: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Send it again: entries that were kept are recognised.',
      { cause },
    );
    this.extensions = { report };
  }
}
