/**
 * A probability (0 to 1) for people: two digits, and never 1.00 or 0.00, because no evidence makes certain.
 * @returns `0.93`, `over 0.99`, `under 0.01`
 */
export function probabilityText(probability: number): string {
  if (probability >= 0.995) return 'over 0.99';
  return probability < 0.005 ? 'under 0.01' : probability.toFixed(2);
}
