/** Names of the ATT&CK techniques that signals point to. */
export const techniqueNames: Readonly<Record<string, string>> = {
  T1027: 'Obfuscated Files or Information',
  T1036: 'Masquerading',
  'T1036.005': 'Masquerading: Match Legitimate Resource Name or Location',
  T1041: 'Exfiltration Over C2 Channel',
  T1059: 'Command and Scripting Interpreter',
  'T1059.004': 'Command and Scripting Interpreter: Unix Shell',
  T1078: 'Valid Accounts',
  T1105: 'Ingress Tool Transfer',
  'T1195.001': 'Supply Chain Compromise: Compromise Software Dependencies and Development Tools',
  'T1195.002': 'Supply Chain Compromise: Compromise Software Supply Chain',
  T1552: 'Unsecured Credentials',
  T1557: 'Adversary-in-the-Middle',
  'T1562.001': 'Impair Defenses: Disable or Modify Tools',
  T1584: 'Compromise Infrastructure',
};
