import { parentOf } from '../../operations/analytics/attack/technique';
import type { CoOccurrenceModel } from '../../operations/analytics/progression/co-occurrence';
import { encodeRow } from '../../operations/analytics/progression/weight-text';

export interface TrainingOptions {
  /** A set of n items weighs n to the power of minus this, so that long reports do not drown the short ones. */
  lengthExponent: number;
  /** Chance that an item of a report is not known yet when it matters: the model is fitted for half-seen reports. */
  dropout: number;
  /** Ridge penalty on every weight. */
  ridge: number;
  /** Pairs of items that are akin without having been seen together, with how much that counts. */
  kinship?: (a: string, b: string) => number;
  /** Weights below this share of the largest are left out. */
  smallestShare: number;
}

/** Two sub-techniques of one technique are ways to the same end; which of them a report names is chance to a degree. */
const siblings = 0.4;

/** Both chosen by cross-validation on seeds that no table shows; see docs/decisions.md. */
export const techniqueOptions: TrainingOptions = {
  lengthExponent: 0.4,
  dropout: 0.7,
  ridge: 12,
  kinship: (a, b) => (a !== b && a.includes('.') && b.includes('.') && parentOf(a) === parentOf(b) ? siblings : 0),
  smallestShare: 0.03,
};
/** The kinship of calls is that of attack-data.ts, times `kinshipWeight`. */
export const callOptions: Omit<TrainingOptions, 'kinship'> & { kinshipWeight: number } = {
  lengthExponent: 0.3,
  dropout: 0.7,
  ridge: 8,
  kinshipWeight: 3,
  smallestShare: 0.05,
};

/**
 * Linear autoencoder with a closed form and no self-weights (Steck 2019, "Embarrassingly shallow autoencoders"), with the
 * penalty for dropout of Steck 2020 ("Autoencoders that don't overfit towards the identity"): B = I - P / diag(P), where
 * P is the inverse of the weighted co-occurrences with dropout and ridge on the diagonal.
 */
export function train(
  sets: readonly (readonly string[])[],
  ids: readonly string[],
  options: TrainingOptions,
): CoOccurrenceModel {
  const size = ids.length;
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const gram = new Float64Array(size * size);
  const counts = new Array<number>(size).fill(0);
  for (const set of sets) {
    const known = set.map((id) => indexOf.get(id)).filter((index) => index !== undefined);
    const weight = known.length ** -options.lengthExponent;
    for (const a of known) {
      counts[a] = (counts[a] ?? 0) + 1;
      for (const b of known) gram[a * size + b] = (gram[a * size + b] ?? 0) + weight;
    }
  }
  const { kinship } = options;
  if (kinship !== undefined) {
    for (let a = 0; a < size; a += 1)
      for (let b = 0; b < size; b += 1)
        gram[a * size + b] = (gram[a * size + b] ?? 0) + kinship(ids[a] as string, ids[b] as string);
  }
  const odds = options.dropout / (1 - options.dropout);
  for (let a = 0; a < size; a += 1) {
    const diagonal = gram[a * size + a] ?? 0;
    gram[a * size + a] = diagonal + diagonal * odds + options.ridge;
  }
  const inverse = inverseOf(gram, size);
  const rows = ids.map((_, from) =>
    Float64Array.from(ids, (_, to) =>
      from === to ? 0 : -(inverse[from * size + to] ?? 0) / (inverse[to * size + to] ?? 1),
    ),
  );
  const largest = rows.reduce((most, row) => row.reduce((inRow, weight) => Math.max(inRow, Math.abs(weight)), most), 0);
  const rounded = Number(largest.toPrecision(6));
  return {
    ids: [...ids],
    counts,
    sets: sets.length,
    largest: rounded,
    rows: rows.map((row) => encodeRow(row, rounded, options.smallestShare * rounded)),
  };
}

/** Inverse of a symmetric positive definite matrix by Cholesky's decomposition; row-major. Overwrites its input. */
export function inverseOf(matrix: Float64Array, size: number): Float64Array {
  const at = (a: Float64Array, row: number, column: number) => a[row * size + column] ?? 0;
  for (let column = 0; column < size; column += 1) {
    for (let row = column; row < size; row += 1) {
      let sum = at(matrix, row, column);
      for (let k = 0; k < column; k += 1) sum -= at(matrix, row, k) * at(matrix, column, k);
      if (row === column && sum <= 0) throw new Error('the matrix is not positive definite');
      matrix[row * size + column] = row === column ? Math.sqrt(sum) : sum / at(matrix, column, column);
    }
  }
  // The lower triangle's inverse, in rows; then its transpose times itself.
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    const pivot = at(matrix, row, row);
    for (let k = 0; k < row; k += 1) {
      const factor = at(matrix, row, k) / pivot;
      if (factor !== 0)
        for (let column = 0; column <= k; column += 1)
          lower[row * size + column] = at(lower, row, column) - factor * at(lower, k, column);
    }
    lower[row * size + row] = 1 / pivot;
  }
  const inverse = new Float64Array(size * size);
  for (let k = 0; k < size; k += 1) {
    for (let a = 0; a <= k; a += 1) {
      const factor = at(lower, k, a);
      if (factor !== 0)
        for (let b = 0; b <= k; b += 1) inverse[a * size + b] = at(inverse, a, b) + factor * at(lower, k, b);
    }
  }
  return inverse;
}
