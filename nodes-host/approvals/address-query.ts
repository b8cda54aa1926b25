/** What tells requests and decisions apart in the query of an address that n8n signs. */
export const addressQuery = { approval: 'approval', decision: 'decision' } as const;
