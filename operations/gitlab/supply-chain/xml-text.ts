/** One element, with its name without a namespace's prefix. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** The characters directly inside of it, with those of the children left out. */
  text: string;
}

export interface XmlText {
  /** An element without a name, whose children are the outermost ones. */
  root: XmlElement;
  /** What is not as XML has to be; the rest stands. */
  problems: string[];
}

/** Deeper than any real file; what is below is not read. */
const deepest = 100;
/** A tag longer than this is no tag. */
const longestTag = 20_000;

/**
 * An XML text as a tree. Entities of one's own are never expanded, nothing outside is ever read, and the time is linear in the
 * length of the text. Never throws: unbalanced tags are closed as well as can be, and told.
 */
export function parseXml(text: string): XmlText {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open: XmlElement[] = [root];
  const problems = new Set<string>();
  const top = () => open[open.length - 1] ?? root;
  let tooDeep = 0;
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf('<', at);
    const plain = text.slice(at, start === -1 ? text.length : start);
    if (tooDeep === 0 && plain.trim() !== '') top().text += unescaped(plain);
    if (start === -1) break;
    const skipped = afterSpecial(text, start);
    if (skipped !== undefined) {
      if (skipped.problem !== undefined) problems.add(skipped.problem);
      if (tooDeep === 0) top().text += skipped.text;
      at = skipped.end;
      continue;
    }
    const end = endOfTag(text, start);
    if (end === -1) {
      problems.add('a tag is not closed');
      break;
    }
    const inside = text.slice(start + 1, end);
    at = end + 1;
    if (inside.startsWith('/')) {
      if (tooDeep > 0) tooDeep -= 1;
      else if (!close(open, localName(inside.slice(1)))) problems.add(`</${inside.slice(1, 80)}> closes nothing`);
      continue;
    }
    const isEmpty = inside.endsWith('/');
    if (tooDeep > 0 || open.length > deepest) {
      problems.add(`it is nested deeper than ${deepest} levels`);
      if (!isEmpty) tooDeep += 1;
      continue;
    }
    const element = elementOf(isEmpty ? inside.slice(0, -1) : inside);
    top().children.push(element);
    if (!isEmpty) open.push(element);
  }
  if (open.length > 1) problems.add(`<${top().name.slice(0, 80)}> is not closed`);
  return { root, problems: [...problems].slice(0, 10) };
}

/** Comments, declarations and quoted text; undefined for an ordinary tag. */
function afterSpecial(text: string, start: number): { end: number; text: string; problem?: string } | undefined {
  const until = (mark: string, from: number) => {
    const end = text.indexOf(mark, from);
    return end === -1 ? text.length : end;
  };
  if (text.startsWith('<!--', start)) return { end: until('-->', start + 4) + 3, text: '' };
  if (text.startsWith('<![CDATA[', start)) {
    const end = until(']]>', start + 9);
    return { end: end + 3, text: text.slice(start + 9, end) };
  }
  if (text.startsWith('<?', start)) return { end: until('?>', start + 2) + 2, text: '' };
  if (!text.startsWith('<!', start)) return undefined;
  const end = until('>', start);
  const list = text.indexOf('[', start);
  if (list === -1 || list > end) return { end: end + 1, text: '' };
  return { end: until(']>', list) + 2, text: '', problem: 'it defines entities, which are not expanded here' };
}

/** Where a tag ends: a `>` inside of quotes does not end it. -1 when it does not. */
function endOfTag(text: string, start: number): number {
  let quote = '';
  const last = Math.min(text.length, start + longestTag);
  for (let at = start + 1; at < last; at += 1) {
    const sign = text[at] ?? '';
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '>') return at;
  }
  return -1;
}

/** Closes the innermost element of a name with all that is open inside of it; false when there is none. */
function close(open: XmlElement[], name: string): boolean {
  for (let index = open.length - 1; index > 0; index -= 1) {
    if (open[index]?.name !== name) continue;
    open.length = index;
    return true;
  }
  return false;
}

function localName(tag: string): string {
  const name = /^[^\s/]{1,200}/.exec(tag.trimStart())?.[0] ?? '';
  return name.slice(name.indexOf(':') + 1);
}

function elementOf(inside: string): XmlElement {
  const attributes: Record<string, string> = {};
  for (const match of inside.matchAll(/(?<![\w.:-])([\w.:-]{1,200})\s{0,100}=\s{0,100}(?:"([^"]*)"|'([^']*)')/g)) {
    const name = match[1] ?? '';
    const value = unescaped(match[2] ?? match[3] ?? '');
    Object.defineProperty(attributes, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return { name: localName(inside), attributes, children: [], text: '' };
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{1,5}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The children of a name; with several names, the children of those of the children, and so on. */
export function childrenOf(element: XmlElement, ...names: string[]): XmlElement[] {
  let found = [element];
  for (const name of names) {
    found = found.flatMap(({ children }) => children.filter((child) => child.name === name));
  }
  return found;
}

/** The text of the first child of a name; null when there is none, or it is empty. */
export function childText(element: XmlElement, name: string): string | null {
  const value = element.children.find((child) => child.name === name)?.text.trim();
  return value === undefined || value === '' ? null : value;
}

/** Every element below of a name, at any depth, in order. Names are compared without case when asked. */
export function descendantsOf(element: XmlElement, name: string, ignoreCase = false): XmlElement[] {
  const wanted = ignoreCase ? name.toLowerCase() : name;
  const found: XmlElement[] = [];
  const visit = (parent: XmlElement) => {
    for (const child of parent.children) {
      if ((ignoreCase ? child.name.toLowerCase() : child.name) === wanted) found.push(child);
      visit(child);
    }
  };
  visit(element);
  return found;
}

/** More than this of one configuration is not shown. */
const longestShown = 50_000;

/** All text of an element and of what is in it, with the names, in one line each: for showing what a configuration says. */
export function flatText(element: XmlElement): string {
  const lines: string[] = [];
  let left = longestShown;
  const visit = (current: XmlElement, path: string) => {
    const attributes = Object.entries(current.attributes).map(([name, value]) => ` ${name}="${value}"`);
    const text = current.text.trim();
    if (text !== '' || attributes.length > 0) {
      const line = `${path}${attributes.join('')}: ${text}`.slice(0, left);
      lines.push(line);
      left -= line.length;
    }
    for (const child of current.children)
      if (left > 0) visit(child, path === '' ? child.name : `${path}.${child.name}`);
  };
  visit(element, '');
  return lines.join('\n');
}
