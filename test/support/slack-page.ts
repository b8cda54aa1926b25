import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { chromium as browserPath } from '../../scripts/stack/chromium.mjs';
import { patienceMs } from './until';

/** Undefined where there is no browser: then what needs one is skipped, and counts as such. */
export const executablePath = browserPath();

/** The sandbox's Slack in a real browser, for one person at a time. */
export class SlackPage {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    /** Without a trailing slash. */
    private readonly address: string,
  ) {}

  static async open(address: string): Promise<SlackPage> {
    const browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.setDefaultTimeout(patienceMs);
    return new SlackPage(browser, page, address.replace(/\/+$/, ''));
  }

  /** Shows a channel as this person, by id. */
  async as(user: string, channel: string): Promise<void> {
    await this.page.goto(`${this.address}/archives/${channel}`);
    await this.page.locator(`#me option[value="${user}"]`).waitFor({ state: 'attached' });
    await this.page.selectOption('#me', user);
  }

  message(ts: string): Locator {
    return this.page.locator(`article[data-ts="${ts}"]`);
  }

  async press(ts: string, action: 'approve' | 'deny'): Promise<void> {
    await this.message(ts).locator(`button[data-action-id$="_${action}"]`).click();
  }

  /** Fills in the modal that asks why, and sends it off. */
  async giveReason(text: string): Promise<void> {
    await this.page.locator('#modal textarea').fill(text);
    await this.page.locator('#modal-submit').click();
    await this.page.locator('#modal').waitFor({ state: 'hidden' });
  }

  /** For looking at, when a folder is named for pictures. */
  async picture(name: string): Promise<void> {
    const folder = process.env.SOC_PICTURES;
    if (folder) await this.page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
