import { parentOf } from './technique';

export interface Mitigation {
  id: string;
  name: string;
}

const names: Record<string, string> = {
  M1013: 'Application Developer Guidance',
  M1016: 'Vulnerability Scanning',
  M1017: 'User Training',
  M1018: 'User Account Management',
  M1021: 'Restrict Web-Based Content',
  M1022: 'Restrict File and Directory Permissions',
  M1026: 'Privileged Account Management',
  M1027: 'Password Policies',
  M1028: 'Operating System Configuration',
  M1029: 'Remote Data Storage',
  M1030: 'Network Segmentation',
  M1031: 'Network Intrusion Prevention',
  M1032: 'Multi-factor Authentication',
  M1035: 'Limit Access to Resource Over Network',
  M1036: 'Account Use Policies',
  M1037: 'Filter Network Traffic',
  M1038: 'Execution Prevention',
  M1040: 'Behavior Prevention on Endpoint',
  M1041: 'Encrypt Sensitive Information',
  M1042: 'Disable or Remove Feature or Program',
  M1045: 'Code Signing',
  M1047: 'Audit',
  M1048: 'Application Isolation and Sandboxing',
  M1050: 'Exploit Protection',
  M1051: 'Update Software',
  M1053: 'Data Backup',
  M1054: 'Software Configuration',
  M1057: 'Data Loss Prevention',
};

/** The main mitigations that ATT&CK names for techniques seen in clouds; see NOTICE. One technique a line. */
const table = `
T1021.007 M1018 M1026 M1032 M1042
T1021.008 M1018 M1032 M1042
T1041 M1031 M1057
T1048 M1018 M1030 M1031 M1037 M1057
T1059.009 M1026 M1038
T1070 M1022 M1029 M1041
T1071 M1031 M1037
T1078 M1018 M1026 M1027 M1032 M1036
T1078.004 M1018 M1026 M1027 M1032 M1036
T1087.004 M1018 M1047
T1098 M1018 M1026 M1030 M1032
T1098.001 M1018 M1026 M1030 M1032
T1098.003 M1018 M1026 M1032
T1105 M1031
T1110 M1018 M1027 M1032 M1036
T1119 M1029 M1041
T1133 M1030 M1032 M1035 M1042
T1136 M1026 M1030 M1032
T1136.003 M1026 M1030 M1032
T1190 M1016 M1026 M1030 M1048 M1050 M1051
T1199 M1018 M1030 M1032
T1484.002 M1018 M1026
T1485 M1018 M1032 M1053
T1485.001 M1018 M1053
T1486 M1040 M1053
T1489 M1018 M1022 M1030
T1490 M1018 M1038 M1053
T1525 M1026 M1045 M1047
T1528 M1017 M1018 M1021 M1047
T1530 M1018 M1022 M1032 M1037 M1041 M1047
T1535 M1054
T1537 M1018 M1037 M1054 M1057
T1538 M1018
T1550.001 M1013 M1021 M1041 M1042 M1047
T1552 M1017 M1022 M1026 M1027 M1035 M1037 M1041 M1047
T1552.001 M1017 M1022 M1027 M1047
T1552.005 M1035 M1037 M1042
T1555.006 M1026
T1556.006 M1018 M1032 M1047
T1562 M1018 M1022 M1047
T1562.001 M1018 M1022 M1038 M1047
T1562.007 M1018 M1047
T1562.008 M1018
T1566 M1017 M1021 M1031 M1047 M1054
T1567 M1021 M1057
T1578 M1018 M1047
T1580 M1018
T1606 M1018 M1026 M1047 M1054
T1619 M1018
T1621 M1017 M1032 M1036
T1648 M1018 M1036
T1651 M1026
T1654 M1018
T1666 M1018 M1047
`;

const byTechnique = new Map<string, Mitigation[]>(
  table
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', ...ids] = line.split(' ');
      return [id, ids.map((mitigation) => ({ id: mitigation, name: names[mitigation] ?? mitigation }))];
    }),
);

/** Mitigations of the technique, else of its parent; empty where ATT&CK names none or this table has none. */
export function mitigationsOf(id: string): readonly Mitigation[] {
  return byTechnique.get(id) ?? byTechnique.get(parentOf(id)) ?? [];
}
