import { type Command, InvalidArgumentError } from 'commander';
import { withDatabase, withExistingDatabase } from '../store/command-database';
import { AccessTokens, type TokenRow } from './access-tokens';
import { isScope, knownScopes, type Scope } from './scopes';

const longestDays = 366;

/** The group `tokens`: bearer tokens for whoever calls the bridge. */
export function addTokenCommands(program: Command): void {
  const tokens = program.command('tokens').description('make, list and revoke tokens for callers of the bridge');
  tokens
    .command('create')
    .description('make a token; it is printed once and stored nowhere')
    .argument('<name>', 'whose it is: the name stands in cases, approvals and the audit trail', nameArgument)
    .requiredOption('--scopes <scopes>', `what it may do at most, with commas: ${knownScopes.join(', ')}`, scopesOption)
    .option('--days <number>', `days until it expires, 1 to ${longestDays}`, daysOption, 90)
    .option('--json', 'as JSON')
    .action(create);
  tokens.command('list').description('list tokens, newest first').option('--json', 'as a JSON list').action(list);
  tokens
    .command('revoke')
    .description('end a token at once; processes that have just used it notice within 10 seconds')
    .argument('<id-or-name>', 'its id, or the name for all tokens of that name')
    .action(revoke);
}

async function create(name: string, options: { scopes: Scope[]; days: number; json?: boolean }): Promise<void> {
  await withTokens(async (tokens) => {
    const expiresAt = new Date(Date.now() + options.days * 86_400_000);
    const { id, token } = await tokens.create(name, options.scopes, expiresAt);
    if (options.json) {
      print(JSON.stringify({ id, name, scopes: options.scopes, expires_at: expiresAt.toISOString(), token }));
      return;
    }
    process.stderr.write(`Token ${id} of ${name}, until ${expiresAt.toISOString()}. It is shown this once:\n`);
    print(token);
  });
}

async function list(options: { json?: boolean }): Promise<void> {
  await withKeptTokens(async (tokens) => {
    const rows = await tokens.list();
    if (options.json) print(JSON.stringify(rows, null, 2));
    else print(rows.length === 0 ? 'No tokens.' : rows.map(line).join('\n'));
  });
}

async function revoke(idOrName: string): Promise<void> {
  await withKeptTokens(async (tokens) => {
    const count = await tokens.revoke(idOrName);
    if (count === 0)
      throw new Error(`No token that is in use has the id or name ${idOrName}; see soc-bridge tokens list.`);
    print(`Revoked ${count === 1 ? 'one token' : `${count} tokens`}.`);
  });
}

function line({ id, name, scopes, expires_at, revoked_at, last_used_at }: TokenRow): string {
  const state =
    revoked_at === null
      ? `${Date.parse(expires_at) <= Date.now() ? 'expired' : 'until'} ${expires_at}`
      : `revoked ${revoked_at}`;
  const used = last_used_at === null ? 'never used' : `used ${last_used_at}`;
  return `${id}  ${name.padEnd(24)} ${state}  ${used}  ${scopes.join(' ')}`;
}

function withTokens(work: (tokens: AccessTokens) => Promise<void>): Promise<void> {
  return withDatabase(({ db }) => work(new AccessTokens(db)));
}

/** The same where there have to be some: a slip in the address of the store must not look like a store without tokens. */
function withKeptTokens(work: (tokens: AccessTokens) => Promise<void>): Promise<void> {
  return withExistingDatabase(({ db }) => work(new AccessTokens(db)));
}

/** Names stand in logs, in the terminal and in Slack. */
function nameArgument(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._@-]{0,79}$/.test(name)) return name;
  throw new InvalidArgumentError('A name has 1 to 80 of A-Z a-z 0-9 . _ @ - and begins with a letter or digit.');
}

function scopesOption(text: string): Scope[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const unknown = words.find((word) => !isScope(word));
  if (unknown !== undefined || words.length === 0) {
    throw new InvalidArgumentError(`${unknown ?? 'Nothing'} is no scope; there are ${knownScopes.join(', ')}.`);
  }
  return words.filter(isScope);
}

function daysOption(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= longestDays) return days;
  throw new InvalidArgumentError(`A whole number from 1 to ${longestDays}.`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
