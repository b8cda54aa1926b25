import type { Requester } from '../../../operations/approvals';
import {
  type ApproverCheck,
  checkApprover,
  peopleOf,
  type WorkspaceLooks,
} from '../../../operations/slack/approver-check';
import type { SlackClient } from '../../../operations/slack/client';
import { groupMembers, ownWorkspace, type Workspace } from '../../../operations/slack/slack-users';
import type { ActedInteraction } from '../interactions/inbox';

/** Long enough for a burst of clicks to be one question to Slack, short enough to still be "now". */
const groupMemoryMs = 15_000;

/** Who may decide, asked of Slack when somebody does; what a burst of clicks asks alike is asked once. */
export class Approvers implements WorkspaceLooks {
  readonly atOnce = false;
  private readonly groups = new Map<string, { at: number; members: Promise<string[]> }>();
  private workspace: Promise<Workspace> | undefined;

  constructor(
    /** Users and groups set up; never empty when an approval could be asked for. */
    private readonly listed: readonly string[],
    private readonly now: () => Date,
  ) {}

  /** People who could decide now: listed, within `narrowed` when it is given, and not the requester. */
  async candidates(
    client: SlackClient,
    narrowed: readonly string[] | null,
    requester: Requester,
  ): Promise<Set<string>> {
    const all = await peopleOf(client, this.listed, this);
    const within = narrowed === null ? all : await peopleOf(client, narrowed, this);
    return new Set(
      [...all].filter((id) => within.has(id) && id !== requester.slack_user_id && id !== requester.stated),
    );
  }

  /** See checkApprover. */
  check(
    client: SlackClient,
    click: Pick<ActedInteraction, 'user' | 'team_id'>,
    narrowed: readonly string[] | null,
    requester: Requester,
  ): Promise<ApproverCheck> {
    return checkApprover(client, click, { listed: this.listed, narrowed, requester }, this);
  }

  members(client: SlackClient, id: string): Promise<string[]> {
    const known = this.groups.get(id);
    const now = this.now().getTime();
    if (known !== undefined && Math.abs(now - known.at) < groupMemoryMs) return known.members;
    const members = groupMembers(client, id);
    this.groups.set(id, { at: now, members });
    // A failure is nobody's membership: the next one asks again.
    members.catch(() => {
      if (this.groups.get(id)?.members === members) this.groups.delete(id);
    });
    return members;
  }

  /** It does not change. */
  own(client: SlackClient): Promise<Workspace> {
    this.workspace ??= ownWorkspace(client);
    this.workspace.catch(() => {
      this.workspace = undefined;
    });
    return this.workspace;
  }
}
