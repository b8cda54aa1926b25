import type { FileContent, FileReader } from './dependency';
import { readCompose, readDockerfile } from './read-containers';
import { readDotnetJson, readNugetConfig, readNugetLock, readPackagesConfig, readProjectFile } from './read-dotnet';
import { readGitlabCi } from './read-gitlab-ci';
import {
  readBuildRs,
  readCargoConfiguration,
  readCargoLock,
  readCargoToml,
  readGoMod,
  readGoSum,
} from './read-go-rust';
import { readGradle, readGradleLock, readVerificationMetadata, readVersionCatalogue } from './read-gradle';
import { readMavenExtensions, readMavenSettings, readPom, readWrapper } from './read-maven';
import { readNpmrc, readPackageJson } from './read-npm';
import { readPackageLock } from './read-npm-lock';
import { readComposerJson, readComposerLock } from './read-php';
import { readPnpmLock, readPnpmWorkspace } from './read-pnpm';
import { readPyproject, readSetupCfg, readSetupPy, readUvConfiguration } from './read-pyproject';
import { readPipfile, readPipfileLock, readPythonLock } from './read-python-locks';
import { readGoEnvironment, readLerna, readTomlSettings, readYamlSettings } from './read-registry-files';
import { readRenovate } from './read-renovate';
import {
  readBindingGyp,
  readCodeowners,
  readGitattributes,
  readGitmodules,
  readHookFile,
  readPreCommit,
} from './read-repository-files';
import { readPipConfiguration, readRequirements } from './read-requirements';
import { readGemfile, readGemfileLock } from './read-ruby';
import { readYarnLock, readYarnrc } from './read-yarn';
import { registriesInScript } from './registry-places';

/** Which reader reads which file, by its path. The first that matches reads it. */
const readers: readonly [RegExp, FileReader][] = [
  [/(?:^|\/)package\.json$/, readPackageJson],
  [/(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/, readPackageLock],
  [/(?:^|\/)yarn\.lock$/, readYarnLock],
  [/(?:^|\/)pnpm-lock\.yaml$/, readPnpmLock],
  [/(?:^|\/)pnpm-workspace\.yaml$/, readPnpmWorkspace],
  [/(?:^|\/)\.npmrc$/, readNpmrc],
  [/(?:^|\/)\.yarnrc(?:\.yml)?$/, readYarnrc],
  [/(?:^|\/)binding\.gyp$/, readBindingGyp],
  [
    /(?:^|\/)(?:\.pnpmfile\.c?js|\.yarn\/(?:plugins|releases)\/[^/]+\.c?js|\.husky\/[^/]+|\.githooks\/[^/]+|\.?lefthook\.ya?ml|\.envrc|\.vscode\/tasks\.json|\.devcontainer\/devcontainer\.json|devcontainer\.json)$/,
    readHookFile,
  ],
  [
    /(?:^|\/)(?:GNUmakefile|[Mm]akefile(?:\.(?:am|in|common|inc))?|configure(?:\.(?:ac|in))?|CMakeLists\.txt|meson\.build|Rakefile|Justfile|justfile|Taskfile\.ya?ml|autogen\.sh|bootstrap\.sh)$|\.(?:m4|mk|cmake|pth)$/,
    readHookFile,
  ],
  [/(?:^|\/)(?:[\w.-]*requirements[\w.-]*|constraints[\w.-]*|requirements\/[^/]+)\.(?:txt|in)$/, readRequirements],
  [/(?:^|\/)pyproject\.toml$/, readPyproject],
  [/(?:^|\/)(?:(?:poetry|uv|pdm)\.lock|pylock(?:\.[\w-]+)?\.toml)$/, readPythonLock],
  [/(?:^|\/)uv\.toml$/, readUvConfiguration],
  [/(?:^|\/)setup\.cfg$/, readSetupCfg],
  [/(?:^|\/)Pipfile$/, readPipfile],
  [/(?:^|\/)Pipfile\.lock$/, readPipfileLock],
  [/(?:^|\/)setup\.py$/, readSetupPy],
  [/(?:^|\/)(?:pip\.(?:conf|ini)|\.pypirc)$/, readPipConfiguration],
  [/(?:^|\/)go\.(?:mod|work)$/, readGoMod],
  [/(?:^|\/)go\.(?:work\.)?sum$/, readGoSum],
  [/(?:^|\/)Cargo\.toml$/, readCargoToml],
  [/(?:^|\/)Cargo\.lock$/, readCargoLock],
  [/(?:^|\/)\.cargo\/config(?:\.toml)?$/, readCargoConfiguration],
  [/(?:^|\/)build\.rs$/, readBuildRs],
  [/(?:^|\/)(?:Gemfile|gems\.rb)$/, readGemfile],
  [/(?:^|\/)(?:Gemfile\.lock|gems\.locked)$/, readGemfileLock],
  [/(?:^|\/)pom\.xml$/, readPom],
  [/(?:^|\/)[\w.-]+\.gradle(?:\.kts)?$/, readGradle],
  [/(?:^|\/)(?:gradle|buildscript-gradle)\.lockfile$|\/dependency-locks\/[^/]+\.lockfile$/, readGradleLock],
  [/(?:^|\/)verification-metadata\.xml$/, readVerificationMetadata],
  [/(?:^|\/)[\w.-]+\.versions\.toml$/, readVersionCatalogue],
  [/(?:^|\/)(?:gradle|maven)-wrapper\.properties$/, readWrapper],
  [/(?:^|\/)\.mvn\/settings\.xml$|(?:^|\/)settings\.xml$/, readMavenSettings],
  [/(?:^|\/)\.mvn\/extensions\.xml$/, readMavenExtensions],
  [/(?:^|\/)composer\.json$/, readComposerJson],
  [/(?:^|\/)composer\.lock$/, readComposerLock],
  [/(?:^|\/)packages\.lock\.json$/, readNugetLock],
  [/(?:^|\/)packages\.config$/i, readPackagesConfig],
  [/(?:^|\/)(?:global|dotnet-tools)\.json$/, readDotnetJson],
  [/\.(?:(?:cs|fs|vb|vcx|sql)proj|props|targets)$/i, readProjectFile],
  [/(?:^|\/)nuget\.config$/i, readNugetConfig],
  [/(?:^|\/)(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$/i, readDockerfile],
  [/(?:^|\/)(?:docker-)?compose(?:[\w.-]*)\.ya?ml$/, readCompose],
  [
    /(?:^|\/)(?:\.gitlab-ci|[\w.-]+\.gitlab-ci)\.ya?ml$|^\.gitlab\/ci\/.*\.ya?ml$|^ci\/.*\.ya?ml$|^templates\/.*\.ya?ml$/,
    readGitlabCi,
  ],
  [/(?:^|\/)\.gitmodules$/, readGitmodules],
  [/(?:^|\/)\.pre-commit-config\.ya?ml$/, readPreCommit],
  [/(?:^|\/)(?:renovate\.json5?|\.renovaterc(?:\.json5?)?)$/, readRenovate],
  [/(?:^|\/)(?:bunfig|poetry|\.?pdm)\.toml$/, readTomlSettings],
  [/(?:^|\/)(?:\.condarc|\.gemrc|\.bundle\/config|environment\.ya?ml)$/, readYamlSettings],
  [/(?:^|\/)lerna\.json$/, readLerna],
  [/(?:^|\/)go\.env$/, readGoEnvironment],
  [/(?:^|\/)CODEOWNERS$/, readCodeowners],
  [/(?:^|\/)\.gitattributes$/, readGitattributes],
];

/** Files that hold dependencies in a form that only their own program reads. Their change is told, not read. */
const unreadable =
  /(?:^|\/)(?:bun\.lockb|deno\.lock|bun\.lock|conda-lock\.yml|flake\.lock|mix\.lock|Package\.resolved|Podfile\.lock|pubspec\.lock)$/;

/** The reader of a file; undefined for a file that says nothing about dependencies or the build. */
export function readerFor(path: string): FileReader | undefined {
  return readers.find(([pattern]) => pattern.test(path))?.[1];
}

/** Whether a file holds dependencies that cannot be read here. */
export function isUnreadable(path: string): boolean {
  return unreadable.test(path);
}

/** Reads a file, whatever happens: a reader that fails over a hostile file takes nothing else down with it. */
export function readFile(path: string, text: string): FileContent | undefined {
  const read = readerFor(path);
  if (read === undefined) return undefined;
  try {
    // Line ends and the mark of the encoding are how an editor writes, and say nothing.
    return withRegistriesOfScripts(read(path, text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')));
  } catch (error) {
    return {
      path,
      ecosystem: 'npm',
      role: 'configuration',
      dependencies: [],
      settings: [],
      problems: [`it could not be read: ${error instanceof Error ? error.message : 'unexpected content'}`],
    };
  }
}

/** What a script says about where packages come from counts like a setting of its own. */
function withRegistriesOfScripts(content: FileContent): FileContent {
  const scripts = content.settings.filter(({ kind }) => ['ci_script', 'install_script', 'build_hook'].includes(kind));
  content.settings.push(...scripts.flatMap(registriesInScript));
  return content;
}
