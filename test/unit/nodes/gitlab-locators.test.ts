import { type ILoadOptionsFunctions, type INodeProperties, NodeHelpers } from 'n8n-workflow';
import { GitLabSoc } from '../../../nodes/GitLabSoc/GitLabSoc.node';
import { collectInput } from '../../../nodes-host/collect-input';
import { listSearchOf } from '../../../nodes-host/list-search';
import { operations } from '../../../operations/registry';
import { type StandIn, startStandIn } from '../gitlab/stand-in';
import { execution } from './execution';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
beforeEach(() => stand.gitlab.reset());

const infrastructure = 'simulated-corp/platform/infrastructure';
const inList = (value: string) => ({ __rl: true, mode: 'list', value });

/** What n8n shows when a list is opened in a node with these parameters. */
async function search(
  name: string,
  parameters: Record<string, unknown> = {},
  more: { filter?: string; token?: string; project?: string; group?: string } = {},
) {
  const { filter, token, ...defaults } = more;
  const { context } = execution({
    items: [],
    parameters: {},
    credentials: { gitLabSocApi: { url: stand.baseUrl, accessToken: 'simulated-token', ...defaults } },
  });
  const nested = (path: string) =>
    path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], parameters);
  Object.assign(context, { getCurrentNodeParameter: nested });
  const searches = listSearchOf('gitlab');
  return (searches[name] as NonNullable<(typeof searches)[string]>).call(
    context as unknown as ILoadOptionsFunctions,
    filter,
    token,
  );
}

describe('lists to choose from', () => {
  it('has the projects and groups of the token, beyond the default group of the credential, with their pages', async () => {
    const projects = await search('searchProjects', {}, { group: 'simulated-corp/data' });
    const found = projects.results.find(({ value }) => value === infrastructure);
    expect(found).toEqual({
      name: infrastructure,
      value: infrastructure,
      url: expect.stringMatching(/^http:.*\/infrastructure$/),
    });
    const groups = await search('searchGroups', {}, { group: 'simulated-corp/data' });
    expect(groups.results.map(({ value }) => value)).toEqual(
      expect.arrayContaining(['simulated-corp', 'simulated-corp/data']),
    );
  });

  it('finds a project by words in any order', async () => {
    const { results } = await search('searchProjects', {}, { filter: 'api platform' });
    expect(results.map(({ value }) => value)).toEqual(['simulated-corp/platform/payments-api']);
  });

  it('shows number, state, day and title of the merge requests of the chosen project, page by page, each once', async () => {
    const parameters = { project: inList(infrastructure) };
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await search('searchMergeRequests', parameters, { token });
      for (const { name, value, url } of page.results) {
        expect(name).toMatch(new RegExp(`^!${value} · (opened|merged|closed) · \\d{4}-\\d\\d-\\d\\d · \\S`));
        expect(url).toContain(`${infrastructure}/-/merge_requests/${value}`);
      }
      seen.push(...page.results.map(({ value }) => String(value)));
      token = page.paginationToken as string | undefined;
    } while (token !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(20);
  });

  it.each([
    ['by number', '!22', (values: string[]) => expect(values).toContain('22')],
    ['by a word of the title', 'bucket', (values: string[]) => expect(values.length).toBeGreaterThan(0)],
    ['not at all', 'there is no such title', (values: string[]) => expect(values).toEqual([])],
  ])('finds merge requests %s', async (_, filter, check) => {
    const { results } = await search('searchMergeRequests', { project: infrastructure }, { filter });
    check(results.map(({ value }) => String(value)));
  });

  it.each([
    ['by hand', { project: { __rl: true, mode: 'url', value: '' } }, {}],
    ['from the default of the credential', {}, { project: infrastructure }],
    ['under Options, as version 1 has it', { options: { project: infrastructure } }, {}],
  ])('knows the project given %s', async (_, parameters, defaults) => {
    const given = structuredClone(parameters) as { project?: { value: string } };
    if (given.project) given.project.value = `${stand.baseUrl}/${infrastructure}`;
    const { results } = await search('searchMergeRequests', given, defaults);
    expect(results.length).toBeGreaterThan(20);
  });

  it.each([
    ['nothing', {}, /comes first/],
    ['an expression', { project: { __rl: true, mode: 'id', value: '={{ $json.project }}' } }, /is an expression/],
  ])('asks for the project before it lists merge requests of many: %s is chosen', async (_, parameters, message) => {
    await expect(search('searchMergeRequests', parameters, { group: 'simulated-corp' })).rejects.toThrow(message);
    expect(stand.gitlab.requests).toEqual([]);
  });
});

describe('what was chosen', () => {
  const operation = operations.find(({ name }) => name === 'get_merge_request_details');
  if (operation === undefined) throw new Error('no operation');
  const collect = (parameters: Record<string, unknown>) => collectInput(operation, (name) => parameters[name]).input;
  const page = 'https://gitlab.example/a/b/-/merge_requests/12';

  it.each([
    ['from the lists', { project: inList('a/b'), iid: inList('12') }, { project: 'a/b', iid: 12 }],
    ['by number', { project: 'a/b', iid: { mode: 'id', value: '12' } }, { project: 'a/b', iid: 12 }],
    ['by an expression that gives a number', { iid: { mode: 'id', value: 12 } }, { iid: 12 }],
    ['by address', { project: inList(''), iid: { mode: 'url', value: page } }, { url: page }],
    ['under Options, as version 1 has it', { options: { project: 'a/b', iid: 12 } }, { project: 'a/b', iid: 12 }],
    ['nowhere', { project: inList(''), iid: inList('') }, {}],
  ])('%s', (_, parameters, expected) => {
    expect(collect(parameters)).toMatchObject(expected);
    expect(Object.keys(collect(parameters)).sort()).toEqual(expect.arrayContaining(Object.keys(expected)));
    for (const field of ['project', 'iid', 'url']) expect(field in collect(parameters)).toBe(field in expected);
  });
});

describe('the node', () => {
  const { description, methods } = new GitLabSoc();
  const shownFor = (operation: string, version: number): INodeProperties[] => {
    const parameters = { resource: resourceOf(operation), operation };
    const node = {
      typeVersion: version,
      parameters,
      type: description.name,
      name: 'n',
      id: '1',
      position: [0, 0] as [number, number],
    };
    return description.properties.filter((property) =>
      NodeHelpers.displayParameter(parameters, property, node, description),
    );
  };
  const resourceOf = (operation: string) =>
    String(
      description.properties.find(({ displayOptions }) => displayOptions?.show?.operation?.includes(operation))
        ?.displayOptions?.show?.resource?.[0],
    );

  it('asks for what an operation is about at the top, and has it under Options in version 1', () => {
    const names = (version: number) => shownFor('getMergeRequestDetails', version).map(({ name }) => name);
    expect(names(1.1)).toEqual(['resource', 'operation', 'project', 'iid', 'options']);
    expect(names(1)).toEqual(['resource', 'operation', 'options']);
    const options = shownFor('getMergeRequestDetails', 1).at(-1)?.options as INodeProperties[];
    expect(options.map(({ name }) => name)).toEqual(expect.arrayContaining(['project', 'iid', 'url']));
  });

  it('reads the list of merge requests again when another project is chosen', () => {
    const iid = shownFor('getMergeRequestDetails', 1.1).find(({ name }) => name === 'iid');
    expect(iid).toMatchObject({
      displayName: 'Merge Request',
      type: 'resourceLocator',
      typeOptions: { loadOptionsDependsOn: ['project.value'] },
    });
    expect(iid?.modes?.map(({ displayName }) => displayName)).toEqual(['From List', 'By Number', 'By URL']);
  });

  it('has a search for every list that a parameter names', () => {
    const named = JSON.stringify(description.properties).matchAll(/"searchListMethod":"(\w+)"/g);
    expect([...new Set([...named].map(([, name]) => name))].sort()).toEqual(Object.keys(methods.listSearch).sort());
  });

  it('has Return All and Limit for lists that go on', () => {
    for (const operation of ['listMergeRequests', 'listProjects', 'listGroups', 'listCommits', 'listDeployments'])
      expect(shownFor(operation, 1.1).map(({ name }) => name)).toContain('returnAll');
  });

  it('has no number at the top that nobody gave', () => {
    const optional = description.properties.filter(
      ({ type, required, name }) => type === 'number' && !required && name !== 'limit',
    );
    expect(optional).toEqual([]);
  });
});
