import { listedCalls, readCall } from '../../../operations/analytics/attack/cloudtrail-calls';
import { mapEventsToTechniques } from '../../../operations/analytics/map-events-to-techniques';
import { runOperation } from '../../../operations/operation';
import type { Ports } from '../../../operations/ports';

const map = (events: string[]) =>
  runOperation(mapEventsToTechniques, { signal: new AbortController().signal } as Ports, { events });

it('reads a call in every spelling', async () => {
  const spellings = [
    'CreateAccessKey',
    'iam:CreateAccessKey',
    'iam.amazonaws.com/CreateAccessKey',
    ' IAM:createaccesskey ',
  ];
  const { events } = await map(spellings.map((text) => text.replace('IAM', 'iam')));
  expect(new Set(events.map(({ call }) => call))).toEqual(new Set(['iam:CreateAccessKey']));
});

it('knows versioned names of Lambda by their plain one', async () => {
  const { events } = await map(['UpdateFunctionCode20150331v2']);
  expect(events[0]).toMatchObject({ status: 'mapped', kind: 'change' });
  expect(events[0]?.call).toContain('UpdateFunctionCode');
});

it('gives candidates for looking around, and techniques for what changes something or hands out secrets', async () => {
  const { events } = await map(['ListBuckets', 'StopLogging', 'GetSecretValue', 'AssumeRole']);
  expect(events.map(({ kind }) => kind)).toEqual(['read_only', 'change', 'change', 'everyday']);
  expect(events.map(({ techniques }) => techniques[0]?.standing)).toEqual(['candidate', 'shown', 'shown', 'candidate']);
});

it('says what it does not know', async () => {
  const { events, mapped, unlisted } = await map(['ThisIsNoCall', 'iam:ThisIsNoCall', '; rm -rf', '__proto__']);
  expect(events.map(({ status }) => status)).toEqual(['unlisted', 'unlisted', 'not_a_call', 'not_a_call']);
  expect({ mapped, unlisted }).toEqual({ mapped: 0, unlisted: 4 });
  expect(readCall('constructor').kind).toBe('unlisted');
});

it('names the other services that have a call of the name', async () => {
  const { events } = await map(['CreateUser']);
  expect(events[0]?.call).toBe('iam:CreateUser');
  expect(events[0]?.note).toMatch(/Also a call of/);
});

it('holds the whole list', () => {
  expect(listedCalls).toBeGreaterThanOrEqual(380);
});
