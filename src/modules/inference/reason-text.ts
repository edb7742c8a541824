import type {
  BoughtTogetherReason,
  BuyAgainReason,
  CertifiedReason,
  InSeasonReason,
  LikeYourLastOrdersReason,
  NearReason,
  NewInShopReason,
  PopularInSeasonReason,
} from './reason.types.js';

type Facts<T extends { readonly code: string; readonly text: string }> = Omit<T, 'code' | 'text'>;

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Reasons in words, out of their figures and nothing else. */
export const reasonText = {
  buyAgain: ({ lastBought, purchases, usualIntervalDays }: Facts<BuyAgainReason>): string =>
    `You bought it on ${purchases} days, last on ${lastBought}, usually every ${counted(usualIntervalDays, 'day')}.`,

  boughtTogether: ({ withName, share, lift }: Facts<BoughtTogetherReason>): string =>
    `${Math.round(share * 100)} % of the orders with ${withName}, which you bought, hold it too: ${lift.toFixed(1)} times the usual share.`,

  likeYourLastOrders: ({ likeName }: Facts<LikeYourLastOrdersReason>): string =>
    `Much like ${likeName}, which you bought.`,

  inSeason: ({ peakFromMonth, peakToMonth, region }: Facts<InSeasonReason>): string => {
    const place = region === undefined ? '' : ` in ${region}`;
    const [from, to] = [MONTHS[peakFromMonth - 1], MONTHS[peakToMonth - 1]];
    return from === to ? `Peak in ${from}${place}.` : `Peak from ${from} to ${to}${place}.`;
  },

  near: ({ km }: Facts<NearReason>): string => `From a farm ${km} km away.`,

  certified: (
    kind: 'organic' | 'biodynamic',
    { body, number, validUntil }: Facts<CertifiedReason>,
  ): string => {
    const by = body === undefined ? '' : ` by ${body}`;
    const as = number === undefined ? '' : ` (${number})`;
    const until = validUntil === undefined ? '' : `, valid until ${validUntil}`;
    return `Certified ${kind}${by}${as}${until}.`;
  },

  newInShop: ({ listedOn, daysAgo }: Facts<NewInShopReason>): string =>
    daysAgo === 0
      ? 'New in the shop today.'
      : `New in the shop since ${listedOn}, ${counted(daysAgo, 'day')} ago.`,

  popularInSeason: ({ purchases }: Facts<PopularInSeasonReason>): string =>
    `Among the most bought at this time of the year: ${counted(purchases, 'purchase')}.`,
} as const;

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
