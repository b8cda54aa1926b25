import { z } from 'zod';
import { type TacticName, tacticPosition } from '../attack/tactics';

export const timeEstimateSchema = z.object({
  status: z.enum(['cited_ranges', 'insufficient_data']),
  statement: z.string(),
  ranges: z.array(
    z.object({
      minutes_from: z.number(),
      minutes_to: z.number(),
      what: z.string().describe('From which step to which'),
      source: z.string(),
    }),
  ),
});
export type TimeEstimate = z.infer<typeof timeEstimateSchema>;

const breakout = {
  minutes_from: 0.45,
  minutes_to: 98,
  what: 'from first access to movement to another host, criminal groups: 98 minutes on average in 2021, 62 in 2023, 48 in 2024, 29 in 2025, the fastest 27 seconds',
  source: 'CrowdStrike Global Threat Reports 2022 to 2026',
};
const admin = {
  minutes_from: 8,
  minutes_to: 8,
  what: 'from stolen credentials to administrator in AWS, one intrusion with the help of a model',
  source: 'Sysdig, AI-assisted cloud intrusion achieves admin access in 8 minutes',
};

/**
 * No data set supports a forecast for a technique. What is published are ranges between two stages; they are cited
 * where the stage reached lies before their end, and nowhere else.
 */
export function timeEstimate(stage: TacticName | null, cloud: boolean): TimeEstimate {
  const position = stage === null ? -1 : tacticPosition(stage);
  if (position < 0) return insufficient('no stage is confirmed');
  if (position >= tacticPosition('Lateral Movement'))
    return insufficient(`no range is published for what follows ${stage}`);
  const ranges = cloud && position <= tacticPosition('Privilege Escalation') ? [admin, breakout] : [breakout];
  return {
    status: 'cited_ranges',
    statement: `Insufficient data for a forecast of this case. Published for others: ${ranges.map(({ what }) => what).join('; ')}.`,
    ranges,
  };
}

function insufficient(why: string): TimeEstimate {
  return { status: 'insufficient_data', statement: `Insufficient data: ${why}.`, ranges: [] };
}
