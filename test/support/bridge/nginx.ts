import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeCertificate } from './certificate';

const template = resolve(__dirname, '..', '..', '..', 'deploy', 'nginx', 'soc-bridge.conf.template');
const program = '/usr/sbin/nginx';

export const haveNginx = existsSync(program);

export interface NginxOptions {
  folder: string;
  port: number;
  servers: string[];
  publicName?: string;
  allow?: string;
  callsPerSecond?: number;
}

/** The real nginx over the configuration that we ship, filled in as the nginx image does. */
export class Nginx {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
    /** The certificate of its own that it shows. */
    readonly certificate: string,
  ) {}

  static async start(options: NginxOptions): Promise<Nginx> {
    const { folder, port, servers, publicName = 'bridge.simulated.example' } = options;
    mkdirSync(join(folder, 'temp'), { recursive: true });
    makeCertificate(folder, publicName);
    writeFileSync(join(folder, 'allow.conf'), options.allow ?? 'allow 127.0.0.1; deny all;\n');
    const values: Record<string, string> = {
      BRIDGE_SERVERS: servers.map((server) => `server ${server} fail_timeout=2s;`).join(' '),
      PUBLIC_NAME: publicName,
      LISTEN: `127.0.0.1:${port}`,
      TLS_DIR: folder,
      ALLOW_LIST: join(folder, 'allow.conf'),
      CALLS_PER_SECOND: String(options.callsPerSecond ?? 2000),
    };
    const site = readFileSync(template, 'utf8').replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
    // What the image has of its own, and places that a test may write to.
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${join(folder, 'temp', name)};`,
    );
    writeFileSync(
      join(folder, 'nginx.conf'),
      [
        'daemon off; worker_processes 1;',
        `pid ${join(folder, 'nginx.pid')}; error_log ${join(folder, 'error.log')} info;`,
        'events { worker_connections 1024; }',
        `http { ${temp.join(' ')}`,
        site.replaceAll('/dev/stdout', join(folder, 'access.log')),
        '}',
      ].join('\n'),
    );
    const config = ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
    const checked = spawnSync(program, ['-t', ...config], { encoding: 'utf8' });
    if (checked.status !== 0) throw new Error(`nginx does not take the configuration: ${checked.stderr}`);
    const child = spawn(program, config, { stdio: 'ignore' });
    const nginx = new Nginx(child, folder, `https://127.0.0.1:${port}`, readFileSync(join(folder, 'tls.crt'), 'utf8'));
    await nginx.ready(port);
    return nginx;
  }

  /** One line for each request, as the shipped format writes it. */
  accessLog(): Record<string, unknown>[] {
    return readFileSync(join(this.folder, 'access.log'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async stop(): Promise<void> {
    const ended = new Promise((end) => this.child.once('exit', end));
    this.child.kill('SIGTERM');
    await ended;
  }

  private async ready(port: number): Promise<void> {
    const { connect } = await import('node:net');
    for (let tries = 0; tries < 200; tries += 1) {
      const up = await new Promise<boolean>((answer) => {
        const socket = connect(port, '127.0.0.1');
        socket.once('connect', () => answer(true)).once('error', () => answer(false));
        socket.once('connect', () => socket.destroy());
      });
      if (up) return;
      await new Promise((wait) => setTimeout(wait, 25));
    }
    throw new Error(`nginx did not start: ${readFileSync(join(this.folder, 'error.log'), 'utf8')}`);
  }
}
