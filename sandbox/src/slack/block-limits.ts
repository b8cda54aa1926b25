import type { Json } from './state';

/** What is wrong in one place, as Slack reports it. */
export interface BlockProblem {
  pointer: string;
  message: string;
}

const MAX_BLOCKS = 50;
/** Slack documents no limit for all text together; posts were seen refused between 9,600 and 11,300 characters. */
export const MAX_BLOCK_TEXT = 10_000;

const BLOCK_TYPES = [
  'actions',
  'alert',
  'card',
  'context',
  'context_actions',
  'data_table',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'markdown',
  'rich_text',
  'section',
  'table',
  'video',
];

export type Surface = 'message' | 'modal';

/** Checks the blocks of a message or modal against Block Kit's limits. */
export function checkBlocks(
  blocks: readonly unknown[],
  largest = MAX_BLOCKS,
  surface: Surface = 'message',
): BlockProblem[] {
  const checker = new BlockChecker(surface);
  if (blocks.length > largest) checker.report('/blocks', `no more than ${largest} items allowed`);
  blocks.forEach((block, index) => {
    checker.block(block, `/blocks/${index}`);
  });
  return checker.problems;
}

/** Characters of all text in blocks together, as far as a reader would see it. */
export function blockTextLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + blockTextLength(entry), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, entry]) => sum + (key === 'text' && typeof entry === 'string' ? entry.length : blockTextLength(entry)),
    0,
  );
}

class BlockChecker {
  readonly problems: BlockProblem[] = [];
  private readonly blockIds = new Set<string>();

  constructor(private readonly surface: Surface) {}

  report(pointer: string, message: string): undefined {
    this.problems.push({ pointer, message });
  }

  block(value: unknown, at: string): undefined {
    if (!isObject(value)) return this.report(at, 'must be an object');
    const type = value.type;
    if (typeof type !== 'string' || !BLOCK_TYPES.includes(type))
      return this.report(`${at}/type`, `unsupported type: ${String(type)}`);
    if (value.block_id !== undefined) {
      const id = String(value.block_id);
      this.length(value, 'block_id', 255, at);
      if (this.blockIds.has(id)) this.report(`${at}/block_id`, '`block_id` must be unique');
      this.blockIds.add(id);
    }
    if (type === 'header') this.textObject(value.text, `${at}/text`, 150, ['plain_text']);
    if (type === 'section') this.section(value, at);
    if (type === 'context') this.elements(value, at, 10, (element, pointer) => this.contextElement(element, pointer));
    if (type === 'actions') this.elements(value, at, 25, (element, pointer) => this.element(element, pointer));
    if (type === 'markdown') this.length(value, 'text', 12_000, at, true);
    if (type === 'rich_text')
      this.elements(value, at, Number.POSITIVE_INFINITY, (element, pointer) => this.richText(element, pointer));
    if (type === 'image') this.image(value, at);
    if (type === 'alert' && this.surface === 'message') this.report(`${at}/type`, 'unsupported type: alert');
    if (type === 'input') this.input(value, at);
  }

  private section(value: Json, at: string): undefined {
    if (value.text === undefined && value.fields === undefined)
      this.report(at, 'missing required field: text or fields');
    if (value.text !== undefined) this.textObject(value.text, `${at}/text`, 3000);
    if (value.fields !== undefined) {
      if (!Array.isArray(value.fields) || value.fields.length === 0)
        this.report(`${at}/fields`, 'must provide an array with at least one item');
      else {
        if (value.fields.length > 10) this.report(`${at}/fields`, 'no more than 10 items allowed');
        for (const [index, field] of value.fields.entries()) this.textObject(field, `${at}/fields/${index}`, 2000);
      }
    }
    if (value.accessory !== undefined) this.element(value.accessory, `${at}/accessory`);
  }

  private input(value: Json, at: string): undefined {
    this.textObject(value.label, `${at}/label`, 2000, ['plain_text']);
    if (value.hint !== undefined) this.textObject(value.hint, `${at}/hint`, 2000, ['plain_text']);
    this.element(value.element, `${at}/element`);
    if (isObject(value.element) && value.element.type === 'button')
      this.report(`${at}/element/type`, 'unsupported type: button');
  }

  private elements(
    value: Json,
    at: string,
    largest: number,
    check: (element: unknown, pointer: string) => undefined,
  ): undefined {
    const { elements } = value;
    if (!Array.isArray(elements) || elements.length === 0)
      return this.report(`${at}/elements`, 'must provide an array with at least one item');
    if (elements.length > largest) this.report(`${at}/elements`, `no more than ${largest} items allowed`);
    const actionIds = new Set<unknown>();
    for (const [index, element] of elements.entries()) {
      check(element, `${at}/elements/${index}`);
      const id = isObject(element) ? element.action_id : undefined;
      if (id !== undefined && actionIds.has(id))
        this.report(`${at}/elements/${index}/action_id`, `\`action_id\` "${id}" already exists`);
      actionIds.add(id);
    }
  }

  private contextElement(value: unknown, at: string): undefined {
    if (isObject(value) && value.type === 'image') return this.image(value, at);
    this.textObject(value, at, 2000);
  }

  private image(value: Json, at: string): undefined {
    if (typeof value.image_url !== 'string' && !isObject(value.slack_file))
      this.report(`${at}/image_url`, 'missing required field: image_url');
    this.length(value, 'image_url', 3000, at);
    this.length(value, 'alt_text', 2000, at, true);
  }

  private richText(value: unknown, at: string): undefined {
    const kinds = ['rich_text_section', 'rich_text_list', 'rich_text_preformatted', 'rich_text_quote'];
    if (!isObject(value) || !kinds.includes(String(value.type)))
      return this.report(`${at}/type`, 'unsupported rich text element');
    if (!Array.isArray(value.elements)) this.report(`${at}/elements`, 'missing required field: elements');
  }

  private element(value: unknown, at: string): undefined {
    if (!isObject(value)) return this.report(at, 'must be an object');
    const type = String(value.type);
    this.length(value, 'action_id', 255, at);
    if (type === 'button' || type === 'workflow_button') {
      this.textObject(value.text, `${at}/text`, 75, ['plain_text']);
      this.length(value, 'value', 2000, at);
      this.length(value, 'url', 3000, at);
      this.length(value, 'accessibility_label', 75, at);
      if (value.style !== undefined && value.style !== 'primary' && value.style !== 'danger')
        this.report(`${at}/style`, 'must be one of: primary, danger');
      if (value.confirm !== undefined) this.confirm(value.confirm, `${at}/confirm`);
      return;
    }
    if (type === 'image') return this.image(value, at);
    if (
      !/_select$|^overflow$|picker$|^radio_buttons$|^checkboxes$|_input$|^feedback_buttons$|^icon_button$/.test(type)
    ) {
      return this.report(`${at}/type`, `unsupported type: ${type}`);
    }
    if (value.placeholder !== undefined) this.textObject(value.placeholder, `${at}/placeholder`, 150, ['plain_text']);
    if (Array.isArray(value.options)) {
      if (value.options.length > 100) this.report(`${at}/options`, 'no more than 100 items allowed');
      for (const [index, option] of value.options.entries()) this.option(option, `${at}/options/${index}`);
    }
  }

  private option(value: unknown, at: string): undefined {
    if (!isObject(value)) return this.report(at, 'must be an object');
    this.textObject(value.text, `${at}/text`, 75);
    this.length(value, 'value', 75, at, true);
    if (value.description !== undefined) this.textObject(value.description, `${at}/description`, 75);
  }

  private confirm(value: unknown, at: string): undefined {
    if (!isObject(value)) return this.report(at, 'must be an object');
    this.textObject(value.title, `${at}/title`, 100, ['plain_text']);
    this.textObject(value.text, `${at}/text`, 300);
    this.textObject(value.confirm, `${at}/confirm`, 30, ['plain_text']);
    this.textObject(value.deny, `${at}/deny`, 30, ['plain_text']);
  }

  private textObject(value: unknown, at: string, most: number, types = ['plain_text', 'mrkdwn']): undefined {
    if (!isObject(value)) return this.report(at, 'missing required text object');
    if (!types.includes(String(value.type))) this.report(`${at}/type`, `must be one of: ${types.join(', ')}`);
    if (typeof value.text !== 'string') return this.report(`${at}/text`, 'missing required field: text');
    if (value.text.length === 0) this.report(`${at}/text`, 'must be more than 0 characters');
    this.length(value, 'text', most, at);
  }

  private length(value: Json, name: string, most: number, at: string, required = false): undefined {
    const text = value[name];
    if (text === undefined || text === null) {
      if (required) this.report(`${at}/${name}`, `missing required field: ${name}`);
      return;
    }
    if (typeof text !== 'string') return this.report(`${at}/${name}`, 'must be a string');
    if (text.length > most) this.report(`${at}/${name}`, `must be less than ${most + 1} characters`);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
