import fc from 'fast-check';
import { BodyReader } from '../../../operations/body-reader';

const encode = (text: string) => new TextEncoder().encode(text);

function read(pieces: readonly Uint8Array[], maxBytes: number, keep: 'start' | 'end') {
  const reader = new BodyReader(maxBytes, keep);
  for (const piece of pieces) if (!reader.add(piece)) break;
  return reader.finish();
}

function inPieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...pieces, bytes.subarray(at)];
}

const texts = fc.string({ unit: 'binary', maxLength: 400 });
const sizes = fc.array(fc.nat(60), { maxLength: 12 });

it('a body that fits is given whole, whichever part is kept', () => {
  fc.assert(
    fc.property(texts, sizes, fc.constantFrom('start', 'end'), (text, cuts, keep) => {
      const bytes = encode(text);
      const kept = read(inPieces(bytes, cuts), bytes.length + 1, keep as 'start');
      expect(kept).toEqual({ body: text.replace(/^\ufeff/, ''), totalBytes: bytes.length });
    }),
  );
});

it('the end of a longer body is its end, without the character that was cut', () => {
  fc.assert(
    fc.property(texts, sizes, fc.integer({ min: 1, max: 300 }), (text, cuts, maxBytes) => {
      const bytes = encode(text);
      fc.pre(bytes.length > maxBytes);
      const kept = read(inPieces(bytes, cuts), maxBytes, 'end');
      expect(kept).toMatchObject({ truncated: true, totalBytes: bytes.length });
      expect(text.endsWith(kept.body)).toBe(true);
      const lost = maxBytes - encode(kept.body).length;
      // At most three bytes of a character at the front; a mark of byte order at the front of a text is dropped too.
      expect(lost).toBeLessThanOrEqual(text.includes('\ufeff') ? 6 : 3);
    }),
  );
});

it('the beginning of a longer body is its beginning, without the character that was cut', () => {
  fc.assert(
    fc.property(texts, sizes, fc.integer({ min: 1, max: 300 }), (text, cuts, maxBytes) => {
      const bytes = encode(text);
      fc.pre(bytes.length > maxBytes && !text.startsWith('\ufeff'));
      const kept = read(inPieces(bytes, cuts), maxBytes, 'start');
      expect(kept.truncated).toBe(true);
      expect(text.startsWith(kept.body)).toBe(true);
      expect(maxBytes - encode(kept.body).length).toBeLessThanOrEqual(3);
    }),
  );
});

it('reading the beginning ends with the piece that fills it', () => {
  const reader = new BodyReader(4, 'start');
  expect([reader.add(encode('ab')), reader.add(encode('cd')), reader.add(encode('e'))]).toEqual([true, true, false]);
  expect(reader.finish()).toEqual({ body: 'abcd', truncated: true });
});

it('one piece larger than the limit leaves its own end', () => {
  expect(read([encode('0123456789')], 3, 'end')).toEqual({ body: '789', truncated: true, totalBytes: 10 });
});
