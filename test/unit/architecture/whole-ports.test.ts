import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { portsWith } from '../../../operations/ports';

const root = resolve(__dirname, '../../..');

it('operations never copy ports with a spread: what a host makes when it is asked for would stay behind', () => {
  const spread = /\.\.\.\w*ports\b/i;
  const files = readdirSync(join(root, 'operations'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((name) => spread.test(readFileSync(join(root, 'operations', name), 'utf8')))).toEqual([]);
});

it('changed ports have the changes, and everything else as it is made when it is asked for', () => {
  let made = 0;
  const cases = {} as never;
  class LazyPorts {
    get log() {
      made += 1;
      return 'made';
    }
    get cases() {
      return undefined;
    }
  }
  const changed = portsWith(Object.assign(new LazyPorts(), { random: () => 0.5 }) as never, { cases });
  expect(made).toBe(0);
  expect(changed.cases).toBe(cases);
  expect(changed.log).toBe('made');
  expect(changed.random()).toBe(0.5);
});
