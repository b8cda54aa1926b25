import { sha256 } from '../canonical-json';
import { renderReport } from '../report';
import { type ReportSource, renderReportPage } from '../report-page/page';
import { toOcsf } from './ocsf';
import { toStix } from './stix';

export const documentFormats = ['markdown', 'html', 'json', 'stix', 'ocsf'] as const;
export type DocumentFormat = (typeof documentFormats)[number];

export interface CaseDocument {
  format: DocumentFormat;
  mediaType: string;
  fileName: string;
  content: string;
  /** SHA-256 of the content in UTF-8, hex. */
  sha256: string;
}

const kinds: Record<DocumentFormat, { mediaType: string; ending: string }> = {
  markdown: { mediaType: 'text/markdown; charset=utf-8', ending: 'md' },
  html: { mediaType: 'text/html; charset=utf-8', ending: 'html' },
  json: { mediaType: 'application/json; charset=utf-8', ending: 'json' },
  stix: { mediaType: 'application/stix+json;version=2.1', ending: 'stix.json' },
  ocsf: { mediaType: 'application/json; charset=utf-8', ending: 'ocsf.json' },
};

/** The case as a file in one of the formats; the same source gives the same bytes. A stored Markdown report is given as it was stored. */
export function documentOf(source: ReportSource, format: DocumentFormat): CaseDocument {
  const { mediaType, ending } = kinds[format];
  const content = contentOf(source, format);
  return { format, mediaType, fileName: `${source.record.id}.${ending}`, content, sha256: sha256(content) };
}

function contentOf(source: ReportSource, format: DocumentFormat): string {
  const { record, history } = source;
  switch (format) {
    case 'markdown':
      return record.report_markdown ?? renderReport(record).markdown;
    case 'html':
      return renderReportPage(source);
    case 'json':
      return `${JSON.stringify({ case: record, history, predicted: source.predicted }, null, 2)}\n`;
    case 'stix':
      return `${JSON.stringify(toStix(record), null, 2)}\n`;
    case 'ocsf':
      return `${JSON.stringify(toOcsf(record, history), null, 2)}\n`;
  }
}
