import fc from 'fast-check';
import { addDays, isZone, localText, localTime, startOfDay } from '../../../operations/compliance/local-time';
import { choosePeriod } from '../../../operations/compliance/period';

const month = (zone: string, first_day: string, last_day: string) =>
  choosePeriod(new Date('2027-06-01T00:00:00Z'), { zone, period: 'custom', first_day, last_day });
const hours = ({ from, to }: { from: string; to: string }) => (Date.parse(to) - Date.parse(from)) / 3_600_000;

describe('bounds of a period', () => {
  test.each([
    ['Europe/Berlin', '2026-10-01', '2026-10-31', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z', 745],
    ['Europe/Berlin', '2026-03-01', '2026-03-31', '2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z', 743],
    ['Asia/Kolkata', '2026-10-01', '2026-10-31', '2026-09-30T18:30:00.000Z', '2026-10-31T18:30:00.000Z', 744],
    ['Asia/Kathmandu', '2026-10-01', '2026-10-01', '2026-09-30T18:15:00.000Z', '2026-10-01T18:15:00.000Z', 24],
    ['Pacific/Kiritimati', '2026-10-01', '2026-10-31', '2026-09-30T10:00:00.000Z', '2026-10-31T10:00:00.000Z', 744],
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-04', '2026-10-03T13:30:00.000Z', '2026-10-04T13:00:00.000Z', 23.5],
    ['America/St_Johns', '2026-11-01', '2026-11-01', '2026-11-01T02:30:00.000Z', '2026-11-02T03:30:00.000Z', 25],
  ])('%s, %s to %s', (zone, first, last, from, to, length) => {
    const period = month(zone, first, last);
    expect(period).toMatchObject({ from, to });
    expect(hours(period)).toBe(length);
  });

  test('a day whose midnight does not exist begins when its clock does', () => {
    // In Cairo the clock went from 23:59 to 01:00.
    expect(localText('Africa/Cairo', startOfDay('Africa/Cairo', '2026-04-24'))).toBe('2026-04-24 01:00');
    expect(startOfDay('Pacific/Apia', '2011-12-30')).toBe(startOfDay('Pacific/Apia', '2011-12-31'));
  });

  test('the previous month is that of the zone, not of UTC', () => {
    const at = new Date('2026-10-31T23:30:00Z');
    expect(choosePeriod(at, { zone: 'Europe/Berlin', period: 'previous_month' })).toMatchObject({
      first_day: '2026-10-01',
      last_day: '2026-10-31',
    });
    expect(choosePeriod(at, { zone: 'UTC', period: 'previous_month' })).toMatchObject({ first_day: '2026-09-01' });
    expect(
      choosePeriod(new Date('2027-01-01T05:00:00Z'), { zone: 'America/New_York', period: 'previous_month' }),
    ).toMatchObject({ first_day: '2026-12-01', last_day: '2026-12-31' });
    expect(choosePeriod(new Date('2024-03-10T00:00:00Z'), { zone: 'UTC', period: 'previous_month' })).toMatchObject({
      last_day: '2024-02-29',
      days: 29,
    });
  });

  test.each([
    [{ zone: '+02:00', period: 'previous_day' as const }, 'zone'],
    [{ zone: "UTC'; DROP TABLE x", period: 'previous_day' as const }, 'zone'],
    [{ zone: 'UTC', period: 'custom' as const, first_day: '2026-02-30', last_day: '2026-03-01' }, 'first_day'],
    [{ zone: 'UTC', period: 'custom' as const, first_day: '2026-03-02', last_day: '2026-03-01' }, 'last_day'],
    [{ zone: 'UTC', period: 'custom' as const, first_day: '2026-01-01', last_day: '2026-12-31' }, 'last_day'],
    [{ zone: 'UTC', period: 'custom' as const, first_day: '2028-01-01', last_day: '2028-01-02' }, 'first_day'],
    [{ zone: 'UTC', period: 'previous_day' as const, first_day: '2026-01-01' }, 'period'],
  ])('refuses %j', (asked, field) => {
    expect(() => choosePeriod(new Date('2026-11-05T00:00:00Z'), asked)).toThrow(expect.objectContaining({ field }));
  });

  test('days are neither lost nor counted twice, in any zone', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 3000 }), (zone, offset) => {
        const date = addDays('2020-01-01', offset);
        const [start, end] = [startOfDay(zone, date), startOfDay(zone, addDays(date, 1))];
        expect(isZone(zone)).toBe(true);
        expect(localTime(zone, start).date).toBe(date);
        expect(localTime(zone, start - 1_000).date < date).toBe(true);
        expect(localTime(zone, end - 1_000).date).toBe(date);
        expect((end - start) / 3_600_000).toBeGreaterThanOrEqual(22.5);
        expect((end - start) / 3_600_000).toBeLessThanOrEqual(25.5);
      }),
      { numRuns: 150 },
    );
  });
});
