import { parentOf } from './technique';

/**
 * Techniques that happen in the control plane of a cloud or an identity provider, and thus in the logs that a SIEM for
 * them reads. With a parent all its sub-techniques count, unless they are listed one by one.
 */
const cloud = new Set(
  `T1021.007 T1021.008 T1059.009 T1069.003 T1078 T1078.001 T1078.004 T1087.004 T1098 T1098.001 T1098.003 T1098.004 T1098.005
  T1098.006 T1110 T1110.001 T1110.003 T1110.004 T1119 T1133 T1136 T1136.003 T1190 T1195 T1195.002 T1199 T1201 T1213 T1213.003
  T1213.006 T1484 T1484.002 T1485 T1485.001 T1486 T1489 T1490 T1496 T1496.001 T1496.002 T1496.003 T1496.004 T1498 T1499
  T1525 T1526 T1528 T1530 T1531 T1535 T1537 T1538 T1539 T1546 T1548 T1548.005 T1550 T1550.001 T1550.004 T1552 T1552.001
  T1552.005 T1552.007 T1552.008 T1555 T1555.006 T1556 T1556.006 T1556.007 T1556.009 T1562 T1562.001 T1562.007 T1562.008 T1566
  T1566.002 T1567 T1567.002 T1578 T1578.001 T1578.002 T1578.003 T1578.004 T1578.005 T1580 T1606 T1606.001 T1606.002 T1609 T1610
  T1611 T1613 T1619 T1621 T1648 T1651 T1654 T1666 T1671 T1677`.split(/\s+/),
);

export function isCloudTechnique(id: string): boolean {
  return cloud.has(id);
}

/** Techniques that say cloud by themselves: enough to read the evidence as one of a cloud. */
const onlyCloud = new Set('T1525 T1526 T1530 T1535 T1537 T1538 T1578 T1580 T1619 T1648 T1651 T1666 T1671'.split(' '));

export function saysCloud(id: string): boolean {
  if (onlyCloud.has(parentOf(id))) return true;
  return /^(?:T1021\.007|T1021\.008|T1059\.009|T1069\.003|T1078\.004|T1087\.004|T1098\.00[13]|T1136\.003|T1496\.004|T1548\.005|T1552\.005|T1555\.006|T1556\.00[79]|T1562\.00[78]|T1485\.001)$/.test(
    id,
  );
}
