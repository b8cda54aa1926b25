import { namesEveryDatabase } from '../../../operations/panther/table-references';

test.each([
  'SELECT 1',
  'SELECT * FROM panther_logs.public.t',
  'SELECT * FROM "panther_logs".public."t" AS x JOIN a.b.c y ON x.i = y.i WHERE x.z IN (1, 2)',
  'SELECT a, b FROM d.s.t, d.s.u WHERE a = b',
  'WITH w AS (SELECT * FROM d.s.t) SELECT * FROM w JOIN w v ON true',
  'SELECT * FROM (SELECT * FROM d.s.t) x',
  'SELECT f.value FROM d.s.t, LATERAL FLATTEN(input => p_any_ip_addresses) f',
  'SELECT f.value FROM d.s.t, TABLE(FLATTEN(input => x)) f',
  "SELECT 'from t' FROM d.s.t -- from u",
])('%s names its databases', (sql) => {
  expect(namesEveryDatabase(sql)).toBe(true);
});

test.each([
  'SELECT * FROM t',
  'SELECT * FROM public.t',
  'SELECT * FROM d.s.t JOIN u ON true',
  'SELECT * FROM d.s.t, u',
  'SELECT * FROM d.s.t x, u y',
  'SELECT * FROM d.s.t AS x JOIN a.b.c ON x.i = c.i, u',
  'SELECT * FROM (SELECT * FROM t) x',
  'SELECT (SELECT max(a) FROM t) FROM d.s.u',
  'SELECT * FROM d.s.t WHERE a IN (SELECT a FROM u)',
  'SELECT * FROM d.s.t UNION ALL SELECT * FROM u',
  'SELECT * FROM (t JOIN d.s.u ON true)',
  'SELECT * FROM TABLE(my_function())',
  'SELECT * FROM my_function(1)',
  "SELECT * FROM d.s.t WHERE a = 'x\\' FROM b' -- not read alike by all dialects",
  'SELECT * FROM',
])('%s may not', (sql) => {
  expect(namesEveryDatabase(sql)).toBe(false);
});
