import { events } from './events';
import { incidents } from './incidents';
import type { Part } from './part';
import { progression } from './progression';
import { speed } from './speed';
import { takeover } from './takeover';

/** The parts in the order in which they run and stand in the tables. */
export const parts: Part[] = [takeover, events, progression, incidents, speed];
