/** Tactics of ATT&CK in the order of the matrix, with the letter that the technique table uses. */
export const tactics = [
  { letter: 'R', id: 'TA0043', name: 'Reconnaissance' },
  { letter: 'D', id: 'TA0042', name: 'Resource Development' },
  { letter: 'I', id: 'TA0001', name: 'Initial Access' },
  { letter: 'X', id: 'TA0002', name: 'Execution' },
  { letter: 'P', id: 'TA0003', name: 'Persistence' },
  { letter: 'V', id: 'TA0004', name: 'Privilege Escalation' },
  { letter: 'E', id: 'TA0005', name: 'Defense Evasion' },
  { letter: 'A', id: 'TA0006', name: 'Credential Access' },
  { letter: 'Y', id: 'TA0007', name: 'Discovery' },
  { letter: 'L', id: 'TA0008', name: 'Lateral Movement' },
  { letter: 'C', id: 'TA0009', name: 'Collection' },
  { letter: 'K', id: 'TA0011', name: 'Command and Control' },
  { letter: 'F', id: 'TA0010', name: 'Exfiltration' },
  { letter: 'M', id: 'TA0040', name: 'Impact' },
] as const;

export type TacticName = (typeof tactics)[number]['name'];

const order = new Map(tactics.map(({ name }, index) => [name as string, index]));

/** Position of a tactic in the matrix, from 0; -1 for a name that is none. */
export function tacticPosition(name: string): number {
  return order.get(name) ?? -1;
}

const byId = new Map<string, TacticName>(tactics.map(({ id, name }) => [id, name]));

/** `TA0003` to its name; undefined for an id of another matrix. */
export function tacticById(id: string): TacticName | undefined {
  return byId.get(id);
}
