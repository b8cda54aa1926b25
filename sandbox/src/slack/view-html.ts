import { escapeHtml } from '../escape-html';
import { blocksHtml } from './block-html';
import { isObject } from './block-limits';
import { textHtml } from './element-html';
import type { Directory } from './mrkdwn';
import type { Json, SlackView } from './state';

export interface PageView {
  id: string;
  /** Changes with everything the app changes about it, and with its errors. */
  key: string;
  title: string;
  submit: string | null;
  close: string;
  /** Ready-made HTML; everything in it is escaped. */
  html: string;
  /** Something is wrong that belongs to no field. */
  problem?: string;
}

/** A modal as the page draws it. */
export function pageView(view: SlackView, directory: Directory): PageView {
  const blocks = Array.isArray(view.given.blocks) ? (view.given.blocks as Json[]) : [];
  const html = blocks
    .map((block) =>
      block.type === 'input' ? fieldHtml(block, view.errors, directory) : blocksHtml([block], directory),
    )
    .join('');
  return {
    id: view.id,
    key: `${view.id} ${view.hash} ${JSON.stringify(view.errors)}`,
    title: plain(view.given.title),
    submit: isObject(view.given.submit) ? plain(view.given.submit) : null,
    close: plain(view.given.close) || 'Cancel',
    html,
    ...(view.errors[''] === undefined ? {} : { problem: view.errors[''] }),
  };
}

const plain = (value: unknown): string => (isObject(value) && typeof value.text === 'string' ? value.text : '');

function fieldHtml(block: Json, errors: Record<string, string>, directory: Directory): string {
  const id = String(block.block_id);
  const optional = block.optional === true ? ' <small>optional</small>' : '';
  const error = errors[id];
  const hint = isObject(block.hint) ? `<span class="hint">${textHtml(block.hint, directory)}</span>` : '';
  const wrong = error === undefined ? '' : `<span class="wrong" role="alert">${escapeHtml(error)}</span>`;
  const element = blocksHtml([{ type: 'input_element', block_id: id, element: block.element }], directory);
  return `<div class="field${error === undefined ? '' : ' faulty'}" data-field="${escapeHtml(id)}"><label class="label">${textHtml(block.label, directory)}${optional}${element}</label>${wrong}${hint}</div>`;
}
