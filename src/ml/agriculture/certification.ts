/** A fact about a farm or product that somebody has certified. */
export interface Certification {
  /** E.g. `organic`, `biodynamic`. */
  readonly kind: string;
  readonly number?: string | undefined;
  /** Who certified it. */
  readonly body?: string | undefined;
  /** First day, ISO 8601; absent: since ever. */
  readonly validFrom?: string | undefined;
  /** Last day, ISO 8601; absent: until revoked. */
  readonly validUntil?: string | undefined;
}

/** Whether one of the certifications of a kind holds on a day (ISO 8601 date). An expired one does not count. */
export function isCertified(certifications: readonly Certification[], kind: string, day: string): boolean {
  return certifications.some(
    (certification) =>
      certification.kind.toLowerCase() === kind &&
      (certification.validFrom === undefined || certification.validFrom.slice(0, 10) <= day) &&
      (certification.validUntil === undefined || certification.validUntil.slice(0, 10) >= day),
  );
}
