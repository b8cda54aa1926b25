/**
 * Logistic regression whose weights may not be negative: evidence for a takeover never counts against one, whatever chance
 * says in the sample. Projected gradient descent on standardised columns with a ridge of `ridge` on the weights.
 * `rows` are cases by features. Returns weights in the units of the features.
 */
export function fitNonNegative(
  rows: readonly (readonly number[])[],
  labels: readonly boolean[],
  { ridge = 1, steps = 300 }: { ridge?: number; steps?: number } = {},
): { weights: number[]; intercept: number } {
  const width = rows[0]?.length ?? 0;
  const scale = Array.from({ length: width }, (_, column) => {
    const mean = rows.reduce((sum, row) => sum + (row[column] ?? 0), 0) / rows.length;
    const variance = rows.reduce((sum, row) => sum + ((row[column] ?? 0) - mean) ** 2, 0) / rows.length;
    return Math.sqrt(variance) + 1e-9;
  });
  const scaled = rows.map((row) => Float64Array.from(row, (value, column) => value / (scale[column] ?? 1)));
  const rate = 1 / (largestCurvature(scaled, width) / 4 + ridge);
  const weights = new Float64Array(width).fill(0.1);
  let intercept = 0;
  const gradient = new Float64Array(width);
  for (let step = 0; step < steps; step += 1) {
    gradient.fill(0);
    let shift = 0;
    for (const [index, row] of scaled.entries()) {
      let sum = intercept;
      for (let column = 0; column < width; column += 1) sum += (row[column] ?? 0) * (weights[column] ?? 0);
      const error = 1 / (1 + Math.exp(-sum)) - (labels[index] ? 1 : 0);
      shift += error;
      for (let column = 0; column < width; column += 1)
        gradient[column] = (gradient[column] ?? 0) + error * (row[column] ?? 0);
    }
    for (let column = 0; column < width; column += 1) {
      const weight = weights[column] ?? 0;
      weights[column] = Math.max(0, weight - rate * ((gradient[column] ?? 0) + ridge * weight));
    }
    intercept -= rate * shift;
  }
  return { weights: [...weights].map((weight, column) => weight / (scale[column] ?? 1)), intercept };
}

/** Largest eigenvalue of the columns' products with the constant, by power iteration: bounds the safe step. */
function largestCurvature(rows: readonly Float64Array[], width: number): number {
  let vector = new Float64Array(width + 1).fill(1);
  let size = 1;
  for (let round = 0; round < 30; round += 1) {
    const next = new Float64Array(width + 1);
    for (const row of rows) {
      let product = vector[width] ?? 0;
      for (let column = 0; column < width; column += 1) product += (row[column] ?? 0) * (vector[column] ?? 0);
      for (let column = 0; column < width; column += 1)
        next[column] = (next[column] ?? 0) + product * (row[column] ?? 0);
      next[width] = (next[width] ?? 0) + product;
    }
    size = Math.hypot(...next);
    if (size === 0) return rows.length;
    vector = next.map((value) => value / size);
  }
  return size * 1.05;
}
