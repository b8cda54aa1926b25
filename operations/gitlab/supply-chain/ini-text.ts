export interface IniEntry {
  /** The section around it, as written between the brackets; empty in front of the first. */
  section: string;
  key: string;
  value: string;
  /** Counted from 1. */
  line: number;
}

export interface IniStyle {
  /** Lines that are indented belong to the value above them, as in Python's files. */
  goesOn?: boolean;
  /** Signs that part key and value; whichever comes first does. Default: `=`. */
  separators?: string;
  /** Value of a key that stands alone. Default: such lines are left out. */
  bare?: string;
}

/**
 * The entries of an INI text, in order. Lines end as programs end them, a lone carriage return included, so that nothing can be put
 * behind a comment. Linear in the length of the text.
 */
export function parseIni(text: string, { goesOn = false, separators = '=', bare }: IniStyle = {}): IniEntry[] {
  const entries: IniEntry[] = [];
  let section = '';
  let open: IniEntry | undefined;
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const plain = raw.trim();
    if (plain === '' || plain.startsWith('#') || plain.startsWith(';')) continue;
    if (goesOn && open !== undefined && /^[ \t]/.test(raw)) {
      open.value = open.value === '' ? plain : `${open.value}\n${plain}`;
      continue;
    }
    if (plain.startsWith('[')) {
      const end = plain.lastIndexOf(']');
      section = plain.slice(1, end === -1 ? plain.length : end).trim();
      open = undefined;
      continue;
    }
    const at = firstOf(plain, separators);
    if (at === -1 && bare === undefined) continue;
    open = {
      section,
      key: (at === -1 ? plain : plain.slice(0, at)).trim(),
      value: at === -1 ? (bare ?? '') : plain.slice(at + 1).trim(),
      line: index + 1,
    };
    entries.push(open);
  }
  return entries;
}

function firstOf(text: string, signs: string): number {
  const places = [...signs].map((sign) => text.indexOf(sign)).filter((at) => at !== -1);
  return places.length === 0 ? -1 : Math.min(...places);
}

/** A value without the quotes around it. */
export function unquoted(value: string): string {
  const first = value[0];
  const isQuoted = value.length >= 2 && (first === '"' || first === "'") && value.endsWith(first);
  return isQuoted ? value.slice(1, -1) : value;
}
