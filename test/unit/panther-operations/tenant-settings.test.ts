import { readConfig } from '../../../bridge/src/config';
import { tenantSettings } from '../../../operations/panther/tenant-settings';

it('what is not set has its default, and nothing is allowed', () => {
  expect(tenantSettings({ defaults: {} })).toEqual({
    dialect: 'snowflake',
    maxWindowDays: 92,
    databases: [],
    pragmas: [],
    cacheSeconds: 300,
  });
});

it('reads what an owner set', () => {
  const defaults = {
    dialect: 'Databricks',
    max_window_days: '14',
    databases: ' Assets, hr ,',
    pragmas: 'template',
    cache_seconds: '0',
  };
  expect(tenantSettings({ defaults })).toEqual({
    dialect: 'databricks',
    maxWindowDays: 14,
    databases: ['assets', 'hr'],
    pragmas: ['template'],
    cacheSeconds: 0,
  });
});

it.each<Record<string, string>>([
  { dialect: 'oracle' },
  { max_window_days: '0' },
  { max_window_days: '1e9' },
  { max_window_days: 'all' },
  { pragmas: 'template,anything' },
  { cache_seconds: '-1' },
])('%o is refused instead of falling back to a default', (defaults) => {
  const [name] = Object.keys(defaults);
  expect(() => tenantSettings({ defaults })).toThrow(new RegExp(`^${name}: `));
});

it.each([
  ['PANTHER_SQL_DIALECT', 'oracle'],
  ['PANTHER_MAX_WINDOW_DAYS', 'all'],
  ['PANTHER_PRAGMAS', 'x'],
])('the bridge does not start with %s=%s', (variable, value) => {
  const environment = { PANTHER_API_URL: 'https://api.simulated.example', PANTHER_API_TOKEN: 't', [variable]: value };
  expect(() => readConfig(environment)).toThrow(new RegExp(`^${variable} `));
});
