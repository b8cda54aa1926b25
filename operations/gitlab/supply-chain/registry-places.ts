import type { Setting } from './dependency';

/** Environment variables that package managers take for the registry they ask. */
const ofRegistries =
  /^(?:npm_config_(?:@[^:]+:)?registry|YARN_(?:NPM_)?REGISTRY(?:_SERVER)?|BUN_CONFIG_REGISTRY|(?:PIP|UV)_(?:EXTRA_|DEFAULT_)?INDEX(?:_URL)?|(?:PIP|UV)_FIND_LINKS|PIP_TRUSTED_HOST|PIPENV_PYPI_MIRROR|PDM_PYPI_URL|POETRY_REPOSITORIES_\w+_URL|CONDA_CHANNELS|GOPROXY|BUNDLE_MIRROR__.+|CARGO_REGISTRIES_\w+_INDEX|RUSTUP_(?:DIST_SERVER|UPDATE_ROOT)|NVM_NODEJS_ORG_MIRROR)$/i;
/** Keys of configuration files that a script may write. */
const ofFiles =
  /^(?:(?:@[^:]+:)?registry|npmRegistryServer|(?:extra-)?index-url|(?:extra_)?index_url|find-links|find_links)$/i;
/** Options that mean a registry whatever the command, and those that do so for some programs only. */
const options =
  /^--(?:(?:@[^:]+:)?registry|(?:extra-)?index-url|find-links|default-index|pypi-url|trusted-host|repository-url)$/;
const optionsOfSome = /^(?:-i|-f|-s|-a|--add|--index|--source|--sources|--channel)$/;
const programs =
  /\b(?:pip[\d.]{0,6}|pipx|uvx?|poetry|pdm|dotnet|nuget|gem|bundle|cargo|conda|mamba|micromamba)\b(?=\s)/;
/** Commands that write a registry into the settings of a program, up to where the address stands. */
const settingCommands =
  /\b(?:(?:npm|pnpm|yarn|bun|pip[\d.]{0,6})\s+(?:config\s+)?(?:-\S+\s+){0,4}set\s+(?:-\S+\s+){0,4}\S*(?:registry|index|find-links|mirror)\S*|poetry\s+(?:source\s+add|config\s+repositories\.\S+)|gem\s+sources?|bundle\s+config|dotnet\s+nuget\s+(?:add|update)\s+source|nuget\s+sources?\s+add|composer\s+config\s+(?:-\S+\s+){0,4}repo\S*|(?:conda|mamba)\s+config)\b[^\n]{0,120}$/i;

const address = /\b(?:(?:sparse|registry|git)\+)?https?:\/\/[^\s"'`\\),;|&<>]{1,2000}/gi;
const assigned = /(?:^|[\s"'`({;,>])([@A-Za-z_][\w@:./-]{0,100})\s{0,4}=\s{0,4}["']?(?:[^\s"']{0,300}[,|])?$/;
const given = /(?:^|\s)(--?[@A-Za-z][\w@:./-]{0,60})(?:\s{1,4}|=)["']?(?:[\w-]{1,60}=)?$/;
/** How far in front of an address its meaning is looked for, in characters. */
const reach = 400;
const longestLine = 20_000;
const mostPlaces = 200;

/** Whether an environment variable of this name says which registry is asked. */
export function isRegistryVariable(name: string): boolean {
  return ofRegistries.test(name);
}

/** GitLab's own registry, and what runs beside the job, are no detour. */
export function isAtHome(value: string): boolean {
  return (
    /^\$\{?CI_(?:SERVER|API)_/.test(value) ||
    /^(?:[a-z]+\+)?https?:\/\/(?:[^/@]*@)?(?:\$\{?CI_SERVER_|localhost\b|127\.0\.0\.1\b|\[::1\])/i.test(value)
  );
}

/**
 * Where the commands of a script have packages fetched from: options (`--index-url`), variables (`GOPROXY=`), commands that set one
 * (`npm config set registry`), and lines that are written into a settings file (`echo "registry=..." > .npmrc`). Linear in the
 * length of the script.
 */
export function registriesInScript({ key, value }: Pick<Setting, 'key' | 'value'>): Setting[] {
  const found: Setting[] = [];
  // The text of a RUN is its key, and would make every change of it a new registry.
  const where = key.startsWith('RUN ') ? 'RUN' : key.slice(0, 200);
  for (const line of value.replace(/\\\n/g, ' ').split('\n')) {
    if (line.length > longestLine || !line.includes('://')) continue;
    for (const match of line.matchAll(address)) {
      if (found.length >= mostPlaces) return found;
      const how = meaningOf(line.slice(Math.max(0, match.index - reach), match.index));
      if (how !== undefined && !isAtHome(match[0]))
        found.push({ kind: 'registry', key: `${how} in ${where}`, value: match[0] });
    }
  }
  return found;
}

/** What an address behind this text stands for; undefined when it is not the address of a registry. */
function meaningOf(before: string): string | undefined {
  // `printf '[global]\\nindex-url = ...'` writes lines of its own.
  const front = before.split('\\n').at(-1) ?? '';
  const command = front.slice(Math.max(front.lastIndexOf('&&'), front.lastIndexOf(';'), front.lastIndexOf('|')) + 1);
  const name = assigned.exec(front)?.[1];
  if (name !== undefined && (ofRegistries.test(name) || ofFiles.test(name))) return name;
  const option = given.exec(front)?.[1];
  if (option !== undefined && (options.test(option) || (optionsOfSome.test(option) && programs.test(command))))
    return option;
  return settingCommands.exec(command)?.[0].trim().split(/\s+/).slice(0, 3).join(' ');
}
