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
  return certifications.some((certification) => holds(certification, kind, day));
}

/** Of the certifications of a kind that hold on a day the one that holds longest; undefined when none does. */
export function validCertification(
  certifications: readonly Certification[],
  kind: string,
  day: string,
): Certification | undefined {
  let best: Certification | undefined;
  for (const certification of certifications) {
    if (!holds(certification, kind, day)) continue;
    if (best === undefined || lastDay(certification) > lastDay(best)) best = certification;
  }
  return best;
}

function holds({ kind, validFrom, validUntil }: Certification, wanted: string, day: string): boolean {
  return (
    kind.toLowerCase() === wanted &&
    (validFrom === undefined || validFrom.slice(0, 10) <= day) &&
    (validUntil === undefined || validUntil.slice(0, 10) >= day)
  );
}

/** ISO dates compare as text; `9` is after all of them. */
function lastDay({ validUntil }: Certification): string {
  return validUntil?.slice(0, 10) ?? '9';
}
