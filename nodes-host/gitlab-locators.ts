import type { INodePropertyMode } from 'n8n-workflow';
import { day, entry, lower, text } from './locator-parts';
import type { Locator, LocatorEntry } from './locators';

/** The list shows everything the token has, whatever default group is set on the credential. */
const everywhere = { whole_instance: true };

export const project: Locator = {
  search: 'searchProjects',
  lists: 'list_projects',
  asks: everywhere,
  entry: ({ path, web_url }) => withPage(entry(path, [path]), web_url),
  byHand: [byPath('e.g. acme/platform/payments or 42'), byUrl('e.g. https://gitlab.com/acme/platform/payments')],
};

export const group: Locator = {
  search: 'searchGroups',
  lists: 'list_groups',
  asks: everywhere,
  entry: ({ path, web_url }) => withPage(entry(path, [path]), web_url),
  byHand: [byPath('e.g. acme/platform or 42'), byUrl('e.g. https://gitlab.com/groups/acme/platform')],
};

const mergeRequestPage = 'https?:\\/\\/\\S+\\/merge_requests\\/[0-9]+(?:[\\/?#]\\S*)?';

export const mergeRequest: Locator = {
  search: 'searchMergeRequests',
  lists: 'list_merge_requests',
  displayName: 'Merge Request',
  within: { field: 'project', service: 'gitlab' },
  // Older than every merge request of GitLab: the list has no age of its own, and goes from the newest down.
  asks: { time_field: 'updated', from: '2011-01-01T00:00:00Z' },
  // GitLab searches titles and descriptions only.
  unsearchable: /^!?\d+$/,
  entry: ({ iid, state, updated_at, title, web_url }) =>
    typeof iid === 'number'
      ? withPage(entry(String(iid), [`!${iid}`, lower(state), day(updated_at), text(title)]), web_url)
      : undefined,
  elsewhere: { url: 'url' },
  byHand: [
    { displayName: 'By Number', name: 'id', type: 'string', placeholder: 'e.g. 12' },
    {
      ...byUrl('e.g. https://gitlab.com/acme/platform/payments/-/merge_requests/12'),
      validation: [
        {
          type: 'regex',
          properties: { regex: mergeRequestPage, errorMessage: 'Not the address of a merge request' },
        },
      ],
    },
  ],
};

function withPage(found: LocatorEntry | undefined, page: unknown): LocatorEntry | undefined {
  const url = text(page);
  return found === undefined || url === undefined ? found : { ...found, url };
}

function byPath(placeholder: string): INodePropertyMode {
  return { displayName: 'By Path or ID', name: 'id', type: 'string', placeholder };
}

function byUrl(placeholder: string): INodePropertyMode {
  return { displayName: 'By URL', name: 'url', type: 'string', placeholder };
}
