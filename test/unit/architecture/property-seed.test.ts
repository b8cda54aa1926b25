import fc from 'fast-check';

const drawn = () => fc.sample(fc.integer(), 5);

// Passes with FAST_CHECK_SEED=random too, where there is no seed to hold.
test('properties draw the same cases each time, unless a search asks for others', () => {
  const { seed } = fc.readConfigureGlobal();
  if (process.env.FAST_CHECK_SEED === 'random') expect(seed).toBeUndefined();
  else {
    expect(Number.isSafeInteger(seed)).toBe(true);
    expect(drawn()).toEqual(drawn());
  }
});
