import type { IBinaryKeyData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { PackageFile } from '../operations/compliance/evidence-package';
import type { PackageBefore, PackagesPort } from '../operations/compliance/packages-port';
import { version } from '../package.json';

/** Key of the node's static data that holds the last package. */
const staticKey = 'lastEvidencePackage';

/**
 * Evidence packages in n8n: the files become binary data of the item, and the node remembers the last package in its static
 * data, which n8n stores for executions of an active workflow and for no test run. So the packages of one node are one chain.
 */
export class PackageBinaries implements PackagesPort {
  /** The files of the package that was made, by property; undefined when none was. */
  binary: IBinaryKeyData | undefined;
  private last: PackageBefore | undefined;

  constructor(
    private readonly context: Pick<
      IExecuteFunctions,
      'helpers' | 'getWorkflowStaticData' | 'getWorkflow' | 'getExecutionId'
    >,
  ) {}

  get maker(): PackagesPort['maker'] {
    const { id, name } = this.context.getWorkflow();
    const who = `workflow "${name ?? 'without a name'}" (${id ?? 'not stored'}), execution ${this.context.getExecutionId()}`;
    return { program: 'n8n-nodes-soc', version, who, zone_data: null };
  }

  async latest(): Promise<PackageBefore | undefined> {
    const stored = this.context.getWorkflowStaticData('node')[staticKey] as Partial<PackageBefore> | undefined;
    const { package_id, manifest_sha256 } = stored ?? {};
    if (typeof package_id !== 'string' || typeof manifest_sha256 !== 'string') return undefined;
    return { package_id, manifest_sha256, problem: null };
  }

  async keep(packageId: string, manifestSha256: string, files: readonly PackageFile[]): Promise<{ where: string }> {
    const binary: IBinaryKeyData = {};
    for (const { name, mediaType, content } of files) {
      const property = name.replace(/[^A-Za-z0-9]+/g, '_');
      binary[property] = await this.context.helpers.prepareBinaryData(Buffer.from(content, 'utf8'), name, mediaType);
    }
    this.binary = binary;
    this.last = { package_id: packageId, manifest_sha256: manifestSha256, problem: null };
    return { where: 'the binary data of this item, one property for each file' };
  }

  /** Remembers the package as the one that the next is chained to: once its item is certain to be given out. */
  commit(): void {
    if (this.last === undefined) return;
    const { package_id, manifest_sha256 } = this.last;
    this.context.getWorkflowStaticData('node')[staticKey] = { package_id, manifest_sha256 } as IDataObject;
  }
}
