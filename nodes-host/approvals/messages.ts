/** For whoever clicked. */
export const alreadyClosed = 'This request is closed: it was decided, or its time was up. Your click changed nothing.';
export const notTaken = 'Your click could not be checked, so nothing was recorded. Try again in a moment.';
export const tooLate = 'Time was up before your click, so it counts as not approved. Nothing was recorded.';
