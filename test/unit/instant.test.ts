import fc from 'fast-check';
import { parseInstant, serviceInstant } from '../../operations/instant';

describe('an instant', () => {
  test.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T08:30', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01 08:30:00.123456789', '2026-03-01T08:30:00.123Z'],
    ['2026-03-01T08:30:00+02:00', '2026-03-01T06:30:00.000Z'],
    ['2026-03-01T08:30:00-0500', '2026-03-01T13:30:00.000Z'],
    ['2026-03-01t08:30:00z', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01 08:30:00 UTC', '2026-03-01T08:30:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s, wherever this runs', (text, iso) => {
    expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(iso);
  });

  test.each([
    '2026-02-31',
    '2026-02-29',
    '2026-06-31T10:00:00+02:00',
    '2026-13-01',
    '2026-00-10',
    '2026-03-01T25:00',
    '2026-03-01T08:61',
    '2026-03-01T08:00:00+99:99',
    '2026-3-1',
    '01.03.2026',
    'yesterday',
    '1772352000',
    '',
  ])('%s is none', (text) => expect(parseInstant(text)).toBeUndefined());

  test('every time in its own spelling is itself', () => {
    const date = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
    fc.assert(fc.property(date, (at) => parseInstant(at.toISOString()) === at.getTime()));
  });
});

describe("a service's time", () => {
  test('without an offset is UTC, not the zone of the host', () => {
    expect(serviceInstant('2026-07-01 08:30:00.000')).toBe(Date.UTC(2026, 6, 1, 8, 30));
  });

  test.each([null, undefined, '', 'soon'])('%j is not a number', (text) => expect(serviceInstant(text)).toBeNaN());
});
