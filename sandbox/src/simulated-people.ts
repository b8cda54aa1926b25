/** One invented employee. The same person has the same username and e-mail in GitLab, Slack and elsewhere. */
export interface SimulatedPerson {
  /** Stable number, used for ids. */
  number: number;
  username: string;
  /** Carries "(simulated)", so that a name that ends up in a report cannot be taken for a real person. */
  name: string;
  email: string;
  team: 'platform' | 'payments' | 'web' | 'data' | 'soc' | 'contractor' | 'former' | 'automation';
  title: string;
  /** Account switched off (left the company). */
  deactivated?: true;
  /** Single-channel guest in Slack, external in GitLab. */
  guest?: true;
  bot?: true;
}

export const SIMULATED_DOMAIN = 'simulated-corp.example';

function person(
  number: number,
  username: string,
  name: string,
  team: SimulatedPerson['team'],
  title: string,
  extra: Partial<SimulatedPerson> = {},
): SimulatedPerson {
  return {
    number,
    username,
    name: `${name} (simulated)`,
    email: `${username}@${SIMULATED_DOMAIN}`,
    team,
    title,
    ...extra,
  };
}

/** Everyone at the invented Simulated Corp. */
export const SIMULATED_PEOPLE = {
  mira: person(1, 'mira.okafor', 'Mira Okafor', 'platform', 'Platform lead'),
  jonas: person(2, 'jonas.lindqvist', 'Jonas Lindqvist', 'platform', 'Infrastructure engineer'),
  priya: person(3, 'priya.nair', 'Priya Nair', 'payments', 'Payments lead'),
  tomas: person(4, 'tomas.becker', 'Tomas Becker', 'payments', 'Software engineer'),
  hana: person(5, 'hana.sato', 'Hana Sato', 'web', 'Front-end lead'),
  didier: person(6, 'didier.moreau', 'Didier Moreau', 'web', 'Front-end engineer'),
  lucia: person(7, 'lucia.rossi', 'Lucia Rossi', 'data', 'Data lead'),
  kwame: person(8, 'kwame.abadi', 'Kwame Abadi', 'data', 'Data engineer'),
  eva: person(9, 'eva.novak', 'Eva Novak', 'soc', 'SOC lead'),
  rafael: person(10, 'rafael.fischer', 'Rafael Fischer', 'soc', 'SOC analyst'),
  sian: person(11, 'sian.davies', 'Sian Davies', 'soc', 'SOC analyst'),
  aylin: person(12, 'aylin.yilmaz', 'Aylin Yilmaz', 'soc', 'Detection engineer'),
  guido: person(13, 'guido.conti', 'Guido Conti', 'contractor', 'Contractor', { guest: true }),
  nils: person(14, 'nils.overgaard', 'Nils Overgaard', 'former', 'Left the company', { deactivated: true }),
  renovate: person(15, 'renovate-bot', 'Renovate Bot', 'automation', 'Dependency updates', { bot: true }),
  deployBot: person(16, 'ci-deploy-bot', 'CI Deploy Bot', 'automation', 'Deployments', { bot: true }),
  tokenBot: person(17, 'group_10_bot_soc', 'SOC Reader', 'automation', 'Group access token', { bot: true }),
} as const satisfies Record<string, SimulatedPerson>;
