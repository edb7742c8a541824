/** What surrounds every answer of the API that is not a problem document. */
export interface Envelope<T, M = undefined> {
  readonly success: true;
  readonly data: T;
  readonly meta: M;
}

/** Wraps an answer; controllers return it as it is, no interceptor is involved. */
export function ok<T>(data: T): Envelope<T>;
export function ok<T, M>(data: T, meta: M): Envelope<T, M>;
export function ok<T, M>(data: T, meta?: M): Envelope<T, M | undefined> {
  return { success: true, data, meta };
}
