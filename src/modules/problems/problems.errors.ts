import { DomainError } from '../../common/domain-error.js';

export class ProblemNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'problem-not-found';

  constructor(code: string) {
    super(`No problem has the code ${code}. GET /problems lists them.`);
  }
}
