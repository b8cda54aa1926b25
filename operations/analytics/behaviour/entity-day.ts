/** What has names: any number of values, told apart as text. */
export const namedDimensions = ['action', 'pair', 'place', 'agent', 'region', 'error'] as const;
export type NamedDimension = (typeof namedDimensions)[number];

/**
 * What has a few fixed bins, and how many. `hour` is the half hour of the local day, 0 to 47, and circular; `weekday` is 0 for
 * Sunday; `burst` is the calls within one minute, as floor(log2 n); `gap` is the pause between two active minutes, as
 * floor(log2(1 + seconds / 15)).
 */
export const bins = { hour: 48, weekday: 7, burst: 8, gap: 10 } as const;
export type BinnedDimension = keyof typeof bins;
export const binnedDimensions = Object.keys(bins) as BinnedDimension[];

/** What is a single quantity of the day: how many calls, and how many minutes had any. */
export const levelDimensions = ['events', 'moments'] as const;
export type LevelDimension = (typeof levelDimensions)[number];

export const dimensions = [...namedDimensions, ...binnedDimensions, ...levelDimensions] as const;
export type Dimension = (typeof dimensions)[number];

/** What one entity (a person, a role, an access key, an address) did on one day, aggregated. */
export interface EntityDay {
  entity: string;
  /** Days since 1970-01-01 of the local date. */
  day: number;
  /** Calls, and minutes with a call; both at least 1. */
  events: number;
  moments: number;
  /** Calls by value. An absent dimension was not recorded. */
  named: Partial<Record<NamedDimension, ReadonlyMap<string, number>>>;
  /** Calls by bin, `[bin, calls]`. */
  binned: Partial<Record<BinnedDimension, readonly (readonly [number, number])[]>>;
}

/** A number for each dimension: after so many days an observation counts half, after twice as many a third. */
export type HalfLives = Readonly<Record<Dimension, number>>;

/** How much an observation of a certain age still counts, by dimension in the order of `dimensions`. */
export type Decay = Float64Array;

/** Hyperbolic: the last days count much, and what is long ago is not forgotten. `age` is in days. */
export function decayAfter(age: number, halfLives: HalfLives): Decay {
  return Float64Array.from(dimensions, (dimension) => 1 / (1 + age / halfLives[dimension]));
}

/** Nothing is forgotten. */
export const undecayed: Decay = new Float64Array(dimensions.length).fill(1);

/** Where a dimension stands in `dimensions`. */
export const placeOf = Object.fromEntries(dimensions.map((dimension, index) => [dimension, index])) as Record<
  Dimension,
  number
>;

/** How much a value counts that came `calls` times on a day: a burst of one call says little more than one call. */
export function weightOf(calls: number): number {
  return 1 + Math.log(calls);
}

/** The bin of a quantity among those of `levels`: quarters of a natural logarithm, so that doubling is about three bins. */
export const levelBins = 64;
export function levelBin(quantity: number): number {
  return Math.min(levelBins - 1, Math.max(0, Math.round(Math.log(Math.max(1, quantity)) * 4)));
}

export function burstBin(calls: number): number {
  return Math.min(bins.burst - 1, Math.floor(Math.log2(Math.max(1, calls))));
}

export function gapBin(seconds: number): number {
  return Math.min(bins.gap - 1, Math.floor(Math.log2(1 + Math.max(0, seconds) / 15)));
}
