/** Completes a request that replaces everything: what it leaves out is null, which clears it. */
export function wholeRow<Cleared extends object, Request extends object>(
  id: string,
  cleared: Cleared,
  request: Request,
): { readonly id: string } & Omit<Cleared, keyof Request> & Request {
  // a request is an instance of its class: fields that were not sent are there as undefined
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  return { ...cleared, ...(Object.fromEntries(given) as Request), id };
}
