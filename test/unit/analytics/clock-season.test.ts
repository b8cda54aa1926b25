import { asOfSeason } from '../../../bench/analytics/clock-season';
import { dayOf } from './behaviour-days';

const dayNumber = (date: string) => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

function placesOf(date: string, zones: Record<string, number>, asOf: string): Record<string, number> {
  const { named } = dayOf('a', dayNumber(date));
  const past = { ...dayOf('a', dayNumber(date)), named: { ...named, place: new Map(Object.entries(zones)) } };
  return Object.fromEntries(asOfSeason(past, dayNumber(asOf)).named.place ?? []);
}

describe('the zone of a clock, as of another day', () => {
  it('is the same within a season', () => {
    expect(placesOf('2024-02-01', { 60: 3 }, '2024-03-30')).toEqual({ 60: 3 });
    expect(placesOf('2024-07-01', { '-240': 3 }, '2024-11-02')).toEqual({ '-240': 3 });
  });

  it('may have moved by an hour across the change, in either direction, and may not', () => {
    expect(placesOf('2024-03-30', { 60: 3 }, '2024-03-31')).toEqual({ 60: 3, 120: 3 });
    expect(placesOf('2024-10-26', { 120: 2 }, '2024-10-27')).toEqual({ 120: 2, 60: 2 });
    // North America changes on other Sundays.
    expect(placesOf('2024-03-09', { '-300': 1 }, '2024-03-10')).toEqual({ '-300': 1, '-240': 1 });
    expect(placesOf('2024-11-02', { '-420': 1 }, '2024-11-03')).toEqual({ '-420': 1, '-480': 1 });
    // Summer is in January in Sydney.
    expect(placesOf('2024-04-06', { 660: 1 }, '2024-04-07')).toEqual({ 660: 1, 600: 1 });
  });

  it('stays where clocks are left alone, and over a whole year', () => {
    expect(placesOf('2024-03-01', { 345: 1, 540: 1 }, '2024-07-01')).toEqual({ 345: 1, 540: 1 });
    expect(placesOf('2023-07-01', { 120: 1 }, '2024-07-01')).toEqual({ 120: 1 });
  });

  it('adds up where two zones of a day become one', () => {
    expect(placesOf('2024-03-01', { 60: 3, 120: 1 }, '2024-07-01')).toEqual({ 60: 3, 120: 4, 180: 1 });
  });
});
