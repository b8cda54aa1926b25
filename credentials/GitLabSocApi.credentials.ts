import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

export class GitLabSocApi implements ICredentialType {
  name = 'gitLabSocApi';

  displayName = 'GitLab SOC API';

  icon: Icon = { light: 'file:../nodes/GitLabSoc/gitlab-soc.svg', dark: 'file:../nodes/GitLabSoc/gitlab-soc.dark.svg' };

  documentationUrl = 'https://github.com/n8n-nodes-soc/n8n-nodes-soc/blob/main/docs/credentials.md#gitlab-soc-api';

  properties: INodeProperties[] = [
    {
      displayName:
        "A group or project access token with the scope read_api and the role Reporter is enough for most operations; the others say what they lack. Blocking users needs an administrator's token with the scope api, which the SOC Bridge has. Use a token of its own, not that of a person.",
      name: 'permissionsNotice',
      type: 'notice',
      default: '',
    },
    {
      displayName: 'GitLab URL',
      name: 'url',
      type: 'string',
      default: 'https://gitlab.com',
      required: true,
      placeholder: 'e.g. https://gitlab.example.com',
      description: 'Address of the GitLab server, with its path when it lives under one',
    },
    {
      displayName: 'Access Token',
      name: 'accessToken',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
    },
    {
      displayName: 'Default Group',
      name: 'group',
      type: 'string',
      default: '',
      placeholder: 'e.g. acme/platform',
      description: 'Group, with its subgroups, that operations look in when they name neither a group nor a project',
    },
    {
      displayName: 'Default Project',
      name: 'project',
      type: 'string',
      default: '',
      placeholder: 'e.g. acme/platform/payments',
      description:
        'Project that operations look in when they name neither a group nor a project. Goes before Default Group.',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { 'PRIVATE-TOKEN': '={{$credentials.accessToken}}' } },
  };

  test: ICredentialTestRequest = {
    request: {
      baseURL: '={{$credentials.url.trim().replace(new RegExp("/+$"), "").replace(new RegExp("/api/v4$"), "")}}',
      url: '/api/v4/personal_access_tokens/self',
      method: 'GET',
    },
  };
}
