import { z } from 'zod';
import { defineOperation } from '../operation';
import { caseIdInput, caseNamed, casesOf } from './case-summary';
import { documentFormats, documentOf } from './exports/case-document';
import { predictedTechniques } from './exports/predicted-techniques';

export const exportCase = defineOperation({
  name: 'export_case',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Export',
  action: 'Export a case as a file',
  description:
    'Gives a case as a file: `html`, one self-contained page for people, with a drawing of the time line and of who came from where and acted on what (30 to 300 KB: for a file or a browser, not for a model); `markdown`, the stored report; `json`, everything that is stored with the history; `stix`, a STIX 2.1 bundle; `ocsf`, an OCSF 1.5 Incident Finding. Changes nothing. Text from logs is escaped in each.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({
    case_id: caseIdInput,
    format: z.enum(documentFormats).default('markdown').describe('Format of the file. Default: markdown'),
  }),
  output: z.object({
    case_id: z.string(),
    format: z.enum(documentFormats),
    media_type: z.string(),
    file_name: z.string(),
    content: z.string(),
    content_sha256: z.string().describe('SHA-256 of the content in UTF-8, hex'),
  }),
  example: { case_id: '$case_id', format: 'ocsf' },
  async run(ports, { case_id, format }) {
    const cases = casesOf(ports);
    const record = await caseNamed(cases, case_id);
    const document = documentOf(
      { record, history: await cases.history(case_id), predicted: predictedTechniques(record) },
      format,
    );
    return {
      case_id,
      format,
      media_type: document.mediaType,
      file_name: document.fileName,
      content: document.content,
      content_sha256: document.sha256,
    };
  },
});
