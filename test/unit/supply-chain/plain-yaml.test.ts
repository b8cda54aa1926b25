import fc from 'fast-check';
import { parse } from 'yaml';
import { parsePlainYaml } from '../../../operations/gitlab/supply-chain/plain-yaml';

describe('YAML as package managers write it', () => {
  const odd = fc.stringMatching(/^[a-z@/"':#{}[\],&*!|>%? .()0-9~-]{0,10}$/);
  const key = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c d', "'@e/f'", '"g, h"', '/i@1.0.0(j@2)', '__proto__', '1') },
    { weight: 1, arbitrary: odd },
  );
  const value = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom(
        '',
        'x',
        "'y z'",
        '"w: v"',
        '1.10',
        'true',
        '~',
        'null',
        '-1',
        'u#t',
        'http://s/r',
        "it''s",
      ),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '{a: b}',
        "{a: 'b, c', d: [e, f]}",
        '[g, "h"]',
        '{}',
        '[]',
        '{a: b',
        '{a:b}',
        '[i, ]',
        '{a: {b: c}}',
        '{a}',
        "{'a': b}",
        '[a: b]',
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom('|', '|-', '>-', '&x y', '*x', '!t x', 'p: q', 'n #m', '- l', '? k') },
    { weight: 1, arbitrary: odd },
  );
  const indent = fc.constantFrom('', '', '  ', '  ', '    ');
  const line = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(indent, key, value).map(([space, name, text]) => `${space}${name}: ${text}`.trimEnd()),
    },
    { weight: 1, arbitrary: fc.tuple(indent, value).map(([space, text]) => `${space}- ${text}`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(indent, fc.constantFrom('# note', '', '---', '...', '? o', ':', ': x', 'words'))
        .map((parts) => parts.join('')),
    },
  );

  it('is read as a whole YAML parser reads it, or not at all', () => {
    const stringsOnly = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(stringsOnly);
      if (typeof value === 'object' && value !== null)
        return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, stringsOnly(entry)]));
      // Blanks within texts of several lines are of no interest.
      return value === null ? 'null' : String(value).replace(/\s+/g, '');
    };
    const nulls = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value).replaceAll('"~"', '"null"').replaceAll('""', '"null"'));
    let understood = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const text = `${lines.join('\n')}\n`;
        const mine = parsePlainYaml(text);
        if (mine === undefined) return;
        understood += 1;
        const theirs: unknown = parse(text, { schema: 'failsafe', logLevel: 'silent', uniqueKeys: false });
        if (theirs === null || theirs === '') expect(Object.keys(mine)).toEqual([]);
        else expect(nulls(stringsOnly(mine))).toEqual(nulls(stringsOnly(theirs)));
      }),
      { numRuns: 20_000 },
    );
    expect(understood).toBeGreaterThan(700);
  });
});
