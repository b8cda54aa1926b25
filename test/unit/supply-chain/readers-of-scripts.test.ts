import { namesOf, read, rows, settings } from './read-text';

describe('Ruby', () => {
  test('Gemfile.lock', () => {
    const text = `GIT
  remote: https://github.com/simulated/forked.git
  revision: 0123456789012345678901234567890123456789
  branch: main
  specs:
    forked (2.0.0)
      rack (>= 2)

PATH
  remote: engines/own
  specs:
    own (0.1.0)

GEM
  remote: https://rubygems.org/
  remote: https://gems.simulated.example/
  specs:
    nokogiri (1.16.0-x86_64-linux)
      racc (~> 1.4)
    rack (3.0.8)

PLATFORMS
  x86_64-linux
  ruby

DEPENDENCIES
  forked!
  nokogiri (= 1.16.0)
  own!

CHECKSUMS
  forked (2.0.0)
  rack (3.0.8) sha256=aa,sha512=bb

RUBY VERSION
   ruby 3.3.0p0

BUNDLED WITH
   2.5.4
`;
    for (const path of ['Gemfile.lock', 'gems.locked'])
      expect(rows(path, text)).toEqual([
        ['forked', '2.0.0', 'git', 'https://github.com/simulated/forked.git#0123456789012345678901234567890123456789'],
        ['own', '0.1.0', 'file', 'engines/own'],
        ['nokogiri', '1.16.0-x86_64-linux', 'registry', 'https://gems.simulated.example/'],
        ['rack', '3.0.8', 'registry', 'https://gems.simulated.example/', 'sha256-aa', 'sha512-bb'],
        ['bundler', '2.5.4', 'registry', null],
      ]);
    expect(namesOf('Gemfile.lock', text, ({ isDirect }) => isDirect === true)).toEqual(['forked', 'own', 'nokogiri']);
    expect(settings('Gemfile.lock', text)).toEqual({
      'registry GEM https://rubygems.org/': 'https://rubygems.org/',
      'registry GEM https://gems.simulated.example/': 'https://gems.simulated.example/',
    });
    expect(read('Gemfile.lock', 'GEM\n  specs:\n    broken\n').problems).toEqual([
      'line 3: "broken" is no entry',
      'it has no specs',
    ]);
  });

  test('Gemfile', () => {
    const text = `source "https://rubygems.org"
ruby "3.3.0"

gem "rails", "~> 7.1", ">= 7.1.2" # why
gem 'forked', github: 'simulated/forked', branch: 'main'
gem "own", path: "engines/own"
gem "other", "1.0",
  source: "https://gems.simulated.example"
group :development, :test do
  gem "rspec"
end
source "https://inner.example" do
  gem "inner"
end
gem name_of_gem
eval_gemfile "Gemfile.local"
`;
    const content = read('Gemfile', text);
    expect(content.dependencies.map(({ name, version, source }) => [name, version, source.type, source.url])).toEqual([
      ['rails', '~> 7.1, >= 7.1.2', 'registry', null],
      ['forked', 'main', 'git', 'https://github.com/simulated/forked'],
      ['own', null, 'file', 'engines/own'],
      ['other', '1.0', 'registry', 'https://gems.simulated.example'],
      ['rspec', null, 'registry', null],
      ['inner', null, 'registry', 'https://inner.example'],
    ]);
    expect(content.problems).toEqual(['line 15: the name in "gem name_of_gem" is computed']);
    expect(namesOf('Gemfile', text, ({ isDevelopment }) => isDevelopment === true)).toEqual(['rspec']);
    expect(settings('Gemfile', text)).toEqual({
      'registry source https://rubygems.org': 'https://rubygems.org',
      'registry source https://inner.example': 'https://inner.example',
      'build_hook eval_gemfile Gemfile.local': 'eval_gemfile "Gemfile.local"',
    });
  });
});

describe('PHP', () => {
  test('composer.json', () => {
    const text = JSON.stringify({
      name: 'simulated/shop',
      require: { php: '>=8.2', 'ext-json': '*', 'Monolog/Monolog': '^3.0', 'own/lib': 'dev-main' },
      'require-dev': { 'phpunit/phpunit': '^10' },
      repositories: [
        { type: 'vcs', url: 'https://github.com/simulated/lib' },
        {
          type: 'package',
          package: { name: 'in/line', version: '1', dist: { url: 'https://files.example/x.zip', type: 'zip' } },
        },
        { packagist: false },
      ],
      scripts: { 'post-install-cmd': ['@build', 'php x.php'], build: 'sh build.sh', test: 'phpunit' },
      config: { 'allow-plugins': { 'a/b': true, 'c/d': false }, 'secure-http': false },
    });
    expect(rows('composer.json', text)).toEqual([
      ['monolog/monolog', '^3.0', 'registry', null],
      ['own/lib', 'dev-main', 'registry', null],
      ['phpunit/phpunit', '^10', 'registry', null],
    ]);
    expect(settings('composer.json', text)).toEqual({
      'install_script post-install-cmd': '@build\nphp x.php',
      'install_script build': 'sh build.sh',
      'registry repositories vcs https://github.com/simulated/lib': 'https://github.com/simulated/lib',
      'registry repositories package in/line dist https://files.example/x.zip': 'https://files.example/x.zip',
      'build_hook allow-plugins a/b': 'a/b',
      'build_hook config.secure-http': 'false',
    });
  });

  test('composer.lock', () => {
    const git = (name: string, reference: string) => ({
      type: 'git',
      url: `https://github.com/${name}.git`,
      reference,
    });
    const zip = (name: string, reference: string, shasum = '') => ({
      type: 'zip',
      url: `https://api.github.com/repos/${name}/zipball/${reference}`,
      reference,
      shasum,
    });
    const text = JSON.stringify({
      packages: [
        {
          name: 'Monolog/Monolog',
          version: '3.5.0',
          source: git('Seldaek/monolog', 'abc'),
          dist: zip('Seldaek/monolog', 'abc', 'dd'),
          type: 'library',
          'notification-url': 'https://packagist.org/downloads/',
        },
        {
          name: 'a/plugin',
          version: '1.0.0',
          source: git('a/plugin', 'e'),
          dist: zip('evil/plugin', 'e'),
          type: 'composer-plugin',
        },
        { name: 'own/lib', version: 'dev-main', dist: { type: 'path', url: '../lib', reference: 'f' } },
      ],
      'packages-dev': [{ name: 'b/c', version: '1', dist: { type: 'zip', url: 'https://files.example/c.zip' } }, 7],
    });
    const content = read('composer.lock', text);
    expect(content.problems).toEqual(['packages-dev[1] has no name']);
    expect(
      content.dependencies.map(({ name, version, source, integrity }) => [
        name,
        version,
        source.type,
        source.url,
        ...integrity,
      ]),
    ).toEqual([
      [
        'monolog/monolog',
        '3.5.0',
        'registry',
        'https://api.github.com/repos/Seldaek/monolog/zipball/abc',
        'sha1-dd',
        'git-abc',
      ],
      ['a/plugin', '1.0.0', 'git', 'https://github.com/a/plugin.git', 'git-e'],
      ['own/lib', 'dev-main', 'file', '../lib', 'git-f'],
      ['b/c', '1', 'http', 'https://files.example/c.zip'],
    ]);
    expect(namesOf('composer.lock', text, ({ hasInstallScript }) => hasInstallScript === true)).toEqual(['a/plugin']);
  });
});
