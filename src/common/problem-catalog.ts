/** What a client needs to know about one `type` of problem document. */
export interface ProblemDescription {
  /** Status it is answered with. */
  readonly status: number;
  readonly title: string;
  /** What it means and what to do about it. */
  readonly description: string;
}

/**
 * Every problem the API answers with, by code; `type` is `/problems/<code>`.
 *
 * A new DomainError or MlError gets an entry here and in docs/errors.md; a test compares them.
 */
export const PROBLEMS: Readonly<Record<string, ProblemDescription>> = {
  // requests that cannot be understood
  'validation-failed': {
    status: 400,
    title: 'The request is not as documented',
    description: 'Each entry of `errors` names a field, what was expected and what was received.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON',
    description: '`line`, `column` and `position` say where it stops being JSON.',
  },
  'forbidden-key': {
    status: 400,
    title: 'A key of the body is not allowed',
    description: 'Keys that would change the prototype of an object are refused. Rename the key.',
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    description: 'Send `meta.nextCursor` of the page before as it was, or no cursor for the first page.',
  },
  'invalid-idempotency-key': {
    status: 400,
    title: 'The Idempotency-Key is not valid',
    description: 'Send 1 to 255 visible ASCII characters, e.g. a UUID.',
  },
  'bad-request': {
    status: 400,
    title: 'The request cannot be understood',
    description: 'The request breaks HTTP or a rule of the server; `detail` says which.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The body is too large',
    description: 'JSON bodies are limited to `limitBytes`. Send less at once, or use the streaming import.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The type of the body is not supported',
    description: 'Set Content-Type to what `expected` says.',
  },
  'not-acceptable': {
    status: 406,
    title: 'No representation is acceptable',
    description: 'The Accept header names none of the types that the resource has.',
  },
  'uri-too-long': {
    status: 414,
    title: 'The address is too long',
    description: 'A part of the path or the whole address is longer than the server reads.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request came too slowly',
    description: 'The request was not complete in time. Send it again.',
  },

  // who asks
  unauthenticated: {
    status: 401,
    title: 'A valid token is needed',
    description:
      'Send `Authorization: Bearer <token>`. `npm run -s token -- --role admin` prints one; see docs/authentication.md.',
  },
  'token-expired': {
    status: 401,
    title: 'The token has expired',
    description: 'Get a new token and send the request again.',
  },
  forbidden: {
    status: 403,
    title: 'The role does not allow this',
    description: '`expected` lists the roles that may call this, `received` is the role of the token.',
  },
  'other-user': {
    status: 403,
    title: 'A user acts for itself only',
    description: 'The user id of the request is not the `sub` of the token. Services act for every user.',
  },
  'keys-unavailable': {
    status: 503,
    title: 'Tokens cannot be checked now',
    description: 'The identity provider did not give its public keys. Try again later.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    description: 'Wait for `Retry-After` seconds. The RateLimit-* headers say how many requests are left.',
  },

  // what is asked for
  'not-found': {
    status: 404,
    title: 'Nothing is here',
    description: 'The address is not one of the API. See /docs.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed here',
    description: 'The address exists for the methods of the Allow header.',
  },
  'problem-not-found': {
    status: 404,
    title: 'No problem has this code',
    description: 'GET /problems lists the codes there are.',
  },
  conflict: {
    status: 409,
    title: 'The request contradicts the present state',
    description: 'Read the resource again and decide anew.',
  },
  'idempotency-key-in-use': {
    status: 409,
    title: 'The first request with this key still runs',
    description: 'Wait for `Retry-After` seconds and send the same request again to get its answer.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    description: 'A key belongs to one request for 24 hours. Use a new key for a new request.',
  },
  'unprocessable-content': {
    status: 422,
    title: 'The request is understood but cannot be carried out',
    description: '`detail` says why.',
  },

  'location-needed': {
    status: 400,
    title: 'A distance needs a place',
    description:
      'Send `input.location` with `preferences.maxDistanceKm`, or store the latitude and longitude of the user.',
  },

  // models and trainings
  'model-not-found': {
    status: 404,
    title: 'No such model',
    description: 'GET /api/ml/models lists the versions there are.',
  },
  'model-not-deployable': {
    status: 409,
    title: 'The version cannot be deployed',
    description:
      'Only a trained version, or one that was deployed before, can be. `modelStatus` says what it is.',
  },
  'model-artifact-unusable': {
    status: 409,
    title: 'The files of the version cannot be used',
    description: 'They are missing, torn or altered. Train again; the deployed version goes on serving.',
  },
  'model-without-artifact': {
    status: 409,
    title: 'The version has nothing to download',
    description: 'Only a trained version has an artifact. `modelStatus` says what it is.',
  },
  'model-without-network': {
    status: 409,
    title: 'The version has no network',
    description: 'Only networks can be downloaded for TensorFlow.js. Ask for `format=almanac`.',
  },
  'artifact-file-not-found': {
    status: 404,
    title: 'The artifact has no such file',
    description: '`expected` lists the files that it has in the format asked for.',
  },
  'model-deployed': {
    status: 409,
    title: 'The version is deployed',
    description: 'Deploy another version or deprecate it, then delete it.',
  },
  'model-in-training': {
    status: 409,
    title: 'The version is being trained',
    description: 'Cancel its training first.',
  },
  'model-not-deployed': {
    status: 409,
    title: 'The version is not deployed',
    description: 'Only the deployed version can be deprecated or rolled back.',
  },
  'no-previous-version': {
    status: 409,
    title: 'There is no version to go back to',
    description: 'No other version of this type was deployed before, or its files are gone.',
  },
  'training-job-not-found': {
    status: 404,
    title: 'No such training job',
    description: 'GET /api/ml/training lists the jobs there are.',
  },
  'training-queue-full': {
    status: 429,
    title: 'Too many trainings wait',
    description:
      'Try again after `Retry-After` seconds, or cancel a waiting job. ML_QUEUE_SIZE is the limit.',
  },
  'no-training-data': {
    status: 409,
    title: 'There is nothing to learn from',
    description: 'Import orders or events of the kinds in `sources` first.',
  },
  'training-job-ended': {
    status: 409,
    title: 'The job has ended already',
    description: 'Only waiting and running jobs can be cancelled.',
  },
  'training-job-not-retryable': {
    status: 409,
    title: 'The job cannot be retried',
    description: 'Only failed and cancelled jobs can be. Start a new training instead.',
  },
  'training-model-removed': {
    status: 409,
    title: 'The version of the job was deleted',
    description: 'Start a new training instead.',
  },

  // the marketplace and taking it in
  'user-not-found': {
    status: 404,
    title: 'No such user',
    description: 'Import the user first; ids are those of the import.',
  },
  'farm-not-found': {
    status: 404,
    title: 'No such farm',
    description: 'Import the farm first; ids are those of the import.',
  },
  'product-not-found': {
    status: 404,
    title: 'No such product',
    description: 'Import the product first; ids are those of the import.',
  },
  'order-not-found': {
    status: 404,
    title: 'No such order',
    description: 'Ids are those of the import.',
  },
  'event-not-found': {
    status: 404,
    title: 'No such event',
    description: 'Ids are those of the import, or what storing the event answered.',
  },
  'unknown-reference': {
    status: 422,
    title: 'Something that is referred to is missing',
    description: 'Store what `field` refers to first; `ids` are those that are missing.',
  },
  'import-header-invalid': {
    status: 400,
    title: 'The header of the CSV does not fit',
    description: 'Compare `expected` and `received`; rename columns with the option `map`.',
  },
  'import-option-invalid': {
    status: 400,
    title: 'An option of the import cannot be used',
    description: '`parameter` and `expected` say which and how.',
  },
  'import-refused': {
    status: 400,
    title: 'A line was refused, so nothing was imported',
    description: 'The import was atomic. `report` names the refused lines; correct them and send all again.',
  },
  'import-broken-off': {
    status: 400,
    title: 'The import ended in the middle',
    description: 'Send it again: what was kept, as `report` says, is recognised.',
  },
  'marketplace-not-empty': {
    status: 409,
    title: 'The database is not empty',
    description: 'The demo marketplace is written into an empty database only.',
  },
  'marketplace-option-invalid': {
    status: 400,
    title: 'An option of the demo marketplace is out of range',
    description: '`detail` says which.',
  },

  // the algorithms
  'invalid-parameter': {
    status: 400,
    title: 'A parameter is out of range',
    description: '`parameter`, `expected` and `received` say which and how.',
  },
  'invalid-data': {
    status: 422,
    title: 'The data cannot be learned from or scored',
    description: 'The data is empty, not finite or of the wrong shape; `detail` says which.',
  },
  'incompatible-state': {
    status: 500,
    title: 'A saved model does not fit this version of Almanac',
    description: 'Train the model again, or run the version that saved it.',
  },
  'recall-too-low': {
    status: 500,
    title: 'An index of a large catalogue finds too little',
    description: 'The model serves without an index, and slower. Deploy one whose scores are dot products.',
  },

  // us
  'internal-error': {
    status: 500,
    title: 'Something went wrong on our side',
    description: 'The cause is in the log under `requestId`. Trying again may help.',
  },
  'not-ready': {
    status: 503,
    title: 'The service is not ready',
    description: '`checks` says what is down. Send requests to another replica, or try again.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot answer now',
    description: 'It starts, stops or waits for something it needs. Try again after `Retry-After` seconds.',
  },
};

/** Where a problem is described. */
export function problemType(code: string): string {
  return `/problems/${code}`;
}

/** The title of `code`; a code without an entry gets its own words. */
export function problemTitle(code: string): string {
  return PROBLEMS[code]?.title ?? code.charAt(0).toUpperCase() + code.slice(1).replaceAll('-', ' ');
}
