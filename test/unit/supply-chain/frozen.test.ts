import { createHash } from 'node:crypto';
import { heldOut } from '../../labelled/supply-chain/held-out';

test('the held-out part of the labelled set is as it was before tuning', () => {
  const digest = createHash('sha256').update(JSON.stringify(heldOut)).digest('hex');
  expect({ count: heldOut.length, digest }).toEqual({
    count: 116,
    digest: '1e25851173736e1747ed94e1d0f0e0fcc7c4b0a8ef749799dd34db0174f9a017',
  });
});
